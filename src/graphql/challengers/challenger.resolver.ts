import { Arg, Args, Authorized, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { type ChallengerState, ChallengersService } from '../../services/challengers/challengers.service';
import { ADMINS, TENANT_MEMBERS } from '../authorization';
import { type Connection, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { DomainKind } from '../domain-kind';
import { about, COST } from '../limits/cost';
import { BelowBaseline } from '../models/baseline';
import { ModelVersion } from '../models/model-version';
import { Promotion } from '../models/promotion';
import { outcome } from '../results/outcome';
import { Conflict, InvalidInput } from '../results/shared-errors';
import { uuidArgument } from '../uuid-argument';
import { Challenger, ChallengerConnection, ChallengerTrial } from './challenger';
import {
  ChangeChallengerInput,
  ChangeChallengerResult,
  ChangeChallengerSuccess,
  EndChallengerInput,
  EndChallengerResult,
  EndChallengerSuccess,
  PromoteChallengerInput,
  PromoteChallengerResult,
  PromoteChallengerSuccess,
  StartChallengerInput,
  StartChallengerResult,
  StartChallengerSuccess,
} from './challenger-results';
import { TrialFigures } from './trial-figures';

const challengerOf = (state: ChallengerState) => ({ challenger: Challenger.from(state) });

@Resolver(() => Challenger)
export class ChallengerResolver {
  constructor(private readonly service: ChallengersService) {}

  @Authorized<Role>(TENANT_MEMBERS)
  @Query(() => Challenger, {
    nullable: true,
    description:
      'The version that is tried out beside the champion of a domain, else the one that was last; null when there never was one. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  async challenger(
    @Ctx() ctx: GraphqlContext,
    @Arg('domain', () => DomainKind, { description: 'The domain.' }) domain: string,
  ): Promise<Challenger | null> {
    const state = await this.service.latest(requireTenant(ctx), domain);
    return state && Challenger.from(state);
  }

  @Authorized<Role>(TENANT_MEMBERS)
  @Query(() => ChallengerConnection, {
    description:
      'The versions that were tried out in a domain, the latest first. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  async challengers(
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('domain', () => DomainKind, { description: 'The domain.' }) domain: string,
  ): Promise<Connection<Challenger>> {
    return ChallengerConnection.from(await this.service.page(requireTenant(ctx), domain, page), (state) =>
      Challenger.from(state),
    );
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => StartChallengerResult, {
    complexity: COST.CHANGE,
    description:
      'Tries a version out beside the champion, in the background (SHADOW) or for a share of the subjects (CANARY). Error `NOT_FOUND` when your tenant has no such version. Roles: TENANT_ADMIN.',
  })
  async startChallenger(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => StartChallengerInput, { description: 'Which version, and how.' })
    { domain, ...input }: StartChallengerInput,
  ): Promise<typeof StartChallengerResult> {
    const modelVersionId = uuidArgument(input.modelVersionId, 'input.modelVersionId');
    return outcome([BelowBaseline, InvalidInput, Conflict], async () => {
      const state = await this.service.start(requireTenant(ctx), {
        ...input,
        ...{ kind: domain, modelVersionId },
        baselineOverride: input.baselineOverride?.reason ?? null,
      });
      return Object.assign(new StartChallengerSuccess(), challengerOf(state));
    });
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => ChangeChallengerResult, {
    complexity: COST.CHANGE,
    description:
      'Changes how the challenger is tried out. Another mode or share begins another trial; a larger share keeps the subjects that it answers for. Roles: TENANT_ADMIN.',
  })
  async changeChallenger(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => ChangeChallengerInput, { description: 'What to change.' })
    { domain, ...input }: ChangeChallengerInput,
  ): Promise<typeof ChangeChallengerResult> {
    return outcome([InvalidInput, Conflict], async () => {
      const state = await this.service.change(requireTenant(ctx), { ...input, kind: domain });
      return Object.assign(new ChangeChallengerSuccess(), challengerOf(state));
    });
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => EndChallengerResult, {
    complexity: COST.CHANGE,
    description: 'Tries the challenger out no longer: the champion answers alone. Roles: TENANT_ADMIN.',
  })
  async endChallenger(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => EndChallengerInput, { description: 'The domain.' })
    { domain, reason }: EndChallengerInput,
  ): Promise<typeof EndChallengerResult> {
    return outcome([InvalidInput, Conflict], async () => {
      const state = await this.service.end(requireTenant(ctx), domain, reason);
      return Object.assign(new EndChallengerSuccess(), challengerOf(state));
    });
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => PromoteChallengerResult, {
    complexity: COST.CHANGE,
    description: 'Lets the challenger serve its domain from now on. Roles: TENANT_ADMIN.',
  })
  async promoteChallenger(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => PromoteChallengerInput, { description: 'The domain.' })
    { domain }: PromoteChallengerInput,
  ): Promise<typeof PromoteChallengerResult> {
    return outcome([Conflict], async () => {
      const { promotion, champion, ...state } = await this.service.promote(requireTenant(ctx), domain);
      return Object.assign(new PromoteChallengerSuccess(), {
        ...challengerOf(state),
        promotion: Promotion.from(promotion),
        champion: ModelVersion.from(champion),
      });
    });
  }

  @FieldResolver(() => ModelVersion, { description: 'The version that is, or was, tried out.' })
  async modelVersion(@Root() { state }: Challenger, @Ctx() ctx: GraphqlContext): Promise<ModelVersion> {
    return ModelVersion.from(await ctx.loaders.modelVersion.load(state.challenger.modelVersionId));
  }

  @FieldResolver(() => TrialFigures, {
    nullable: true,
    complexity: COST.SUMMARY,
    description:
      'What the trial that runs says now, computed when it is asked for; once it has ended, what a worker found last, null when none had looked.',
  })
  async figures(@Root() { state }: Challenger, @Ctx() ctx: GraphqlContext): Promise<TrialFigures | null> {
    const figures = await this.service.figures(requireTenant(ctx), state);
    return figures && TrialFigures.from(figures);
  }

  @FieldResolver(() => [ChallengerTrial], {
    complexity: about(COST.QUERY),
    description: 'All of its trials, the first one first.',
  })
  async trials(@Root() { id }: Challenger, @Ctx() ctx: GraphqlContext): Promise<ChallengerTrial[]> {
    const trials = await this.service.trials(requireTenant(ctx), id);
    return trials.map((trial) => ChallengerTrial.from(trial));
  }
}

@Resolver(() => ChallengerTrial)
export class ChallengerTrialResolver {
  @FieldResolver(() => ModelVersion, { description: 'The champion that it was tried out beside.' })
  async champion(
    @Root() { championVersionId }: ChallengerTrial,
    @Ctx() ctx: GraphqlContext,
  ): Promise<ModelVersion> {
    return ModelVersion.from(await ctx.loaders.modelVersion.load(championVersionId));
  }
}
