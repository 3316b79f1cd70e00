import { Arg, Authorized, Ctx, FieldResolver, Float, Query, Resolver, Root } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { EvaluationsService } from '../../services/models/evaluations.service';
import { ANALYSTS } from '../authorization';
import { type GraphqlContext } from '../context';
import { COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { InvalidInput } from '../results/shared-errors';
import { uuidArgument } from '../uuid-argument';
import { CompareModelsInput, CompareModelsResult, ModelComparison, NotComparable } from './comparison';
import { EvaluationCurves } from './curves';
import { Evaluation } from './evaluation';
import {
  BootstrapIntervals,
  HeldOutEvaluation,
  HeldOutResult,
  SliceConditionInput,
  SliceFeature,
} from './held-out';
import { ModelVersion } from './model-version';

@Resolver(() => ModelVersion)
export class EvaluationResolver {
  constructor(private readonly evaluations: EvaluationsService) {}

  @Authorized<Role>(ANALYSTS)
  @FieldResolver(() => EvaluationCurves, {
    complexity: COST.FILE,
    description: 'What the usual diagrams are drawn from, over the test part. Roles: TENANT_ADMIN, ANALYST.',
  })
  async curves(@Root() { entity }: ModelVersion, @Ctx() ctx: GraphqlContext): Promise<EvaluationCurves> {
    return EvaluationCurves.from(
      this.evaluations.curves(await this.evaluations.heldOut(requireTenant(ctx), entity, {})),
    );
  }

  @Authorized<Role>(ANALYSTS)
  @FieldResolver(() => HeldOutResult, {
    complexity: COST.FILE,
    description:
      'How good it is on its test part at any threshold and on any slice, with intervals. Roles: TENANT_ADMIN, ANALYST.',
  })
  async heldOut(
    @Root() { entity }: ModelVersion,
    @Ctx() ctx: GraphqlContext,
    @Arg('threshold', () => Float, {
      nullable: true,
      description:
        'Call examples of at least this probability positive, 0 to 1; the recommended one where absent.',
    })
    threshold?: number | null,
    @Arg('slice', () => [SliceConditionInput], {
      nullable: true,
      description: 'Only examples for which all of these hold; all where absent. At most 5.',
    })
    slice?: SliceConditionInput[] | null,
  ): Promise<typeof HeldOutResult> {
    return outcome([InvalidInput], async () =>
      HeldOutEvaluation.from(
        await this.evaluations.heldOut(requireTenant(ctx), entity, { threshold, slice }),
      ),
    );
  }

  @Authorized<Role>(ANALYSTS)
  @FieldResolver(() => [SliceFeature], {
    complexity: COST.FILE,
    description:
      'The features by which the test part can be sliced: numbers and categories, the first of the specification, at most 64; empty for versions from before they were kept. Roles: TENANT_ADMIN, ANALYST.',
  })
  async sliceFeatures(@Root() { entity }: ModelVersion, @Ctx() ctx: GraphqlContext): Promise<SliceFeature[]> {
    const features = await this.evaluations.sliceFeatures(requireTenant(ctx), entity);
    return features.map((feature) => SliceFeature.from(feature));
  }

  @Authorized<Role>(ANALYSTS)
  @Query(() => CompareModelsResult, {
    complexity: COST.DATASET,
    description:
      'Compares two versions of a domain on the held-out examples that both have, with paired tests. Error `NOT_FOUND` when your tenant has no such version. Roles: TENANT_ADMIN, ANALYST.',
  })
  async compareModels(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => CompareModelsInput, { description: 'The two versions.' }) input: CompareModelsInput,
  ): Promise<typeof CompareModelsResult> {
    const request = {
      first: uuidArgument(input.first, 'input.first'),
      second: uuidArgument(input.second, 'input.second'),
      slice: input.slice,
    };
    return outcome([NotComparable, InvalidInput], async () =>
      ModelComparison.from(await this.evaluations.compare(requireTenant(ctx), request)),
    );
  }
}

@Resolver(() => HeldOutEvaluation)
export class HeldOutResolver {
  constructor(private readonly evaluations: EvaluationsService) {}

  @FieldResolver(() => Evaluation, { description: 'Every metric.' })
  evaluation(@Root() { heldOut }: HeldOutEvaluation): Evaluation {
    return Evaluation.from(this.evaluations.evaluation(heldOut));
  }

  @FieldResolver(() => EvaluationCurves, { description: 'What the usual diagrams are drawn from.' })
  curves(@Root() { heldOut }: HeldOutEvaluation): EvaluationCurves {
    return EvaluationCurves.from(this.evaluations.curves(heldOut));
  }

  @FieldResolver(() => BootstrapIntervals, {
    complexity: COST.DATASET,
    description:
      'How sure every metric is. Takes up to some seconds for many examples when asked for the first time; requests wait for each other.',
  })
  async intervals(@Root() { heldOut }: HeldOutEvaluation): Promise<BootstrapIntervals> {
    return BootstrapIntervals.from(await this.evaluations.intervals(heldOut));
  }
}
