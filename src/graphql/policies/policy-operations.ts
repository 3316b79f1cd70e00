import {
  Arg,
  Args,
  Authorized,
  createUnionType,
  Ctx,
  Field,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from 'type-graphql';
import { AppError } from '../../errors';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { PoliciesService } from '../../services/policies/policies.service';
import { type PolicyDefinition } from '../../services/policies/policy-definition';
import { checkPolicy, storedPolicy } from '../../services/policies/policy-document';
import { PolicyPreviewsService } from '../../services/policies/policy-previews.service';
import { type Policy } from '../../services/policies/policy.entity';
import { ADMINS, ANALYSTS, TENANT_MEMBERS } from '../authorization';
import { type Connection, connectionOf, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { COST } from '../limits/cost';
import { ModelVersion } from '../models/model-version';
import { outcome } from '../results/outcome';
import { Conflict, InvalidInput, ModelNotReady } from '../results/shared-errors';
import { InvalidPolicy, PolicyVersion } from './policy';
import { plainInput } from './plain-input';
import { policyVersion, registerPolicyType } from './policy-types';

/** What a domain brings for the operations of its policy. */
export interface PolicyOperations<P extends object, F extends object> {
  readonly definition: PolicyDefinition<P, F>;
  /** What the policy is called in the schema, such as `RiskPolicy`. */
  readonly name: string;
  /** Such as `RiskPolicies`. */
  readonly plural: string;
  /** The policy as it is read: an object type. */
  readonly policy: new () => P;
  /** The policy as it is written: an input type, in which what has a default may be left out. */
  readonly input: new () => object;
  /** What a policy would have done: an object type. */
  readonly figures: new () => F;
}

/** The operations of one domain's policy, in types of its own: read, list, preview and draft. */
export function policyOperations<P extends object, F extends object>(
  options: PolicyOperations<P, F>,
): (abstract new (...dependencies: never[]) => object)[] {
  const { definition, name, plural, policy: policyType, input: inputType, figures: figuresType } = options;
  const { kind } = definition;
  const field = uncapitalized(name);

  @ObjectType(`${name}Version`, {
    implements: PolicyVersion,
    description: `A version of the policy of ${kind}.`,
  })
  class Version extends PolicyVersion {
    @Field(() => policyType, { description: 'The policy, complete with its defaults.' })
    readonly policy!: P;
  }
  registerPolicyType({ definition, version: Version });
  const VersionConnection = connectionOf<PolicyVersion>(Version, `${name}Version`, 'versions of the policy');

  @ObjectType(`${name}Preview`, {
    description:
      'What a policy would have done on examples whose outcome is known and that the model was neither fitted nor tuned on: the test part, the last in time, of the version that serves.',
  })
  class Preview {
    @Field(() => ModelVersion, { description: 'The version that serves, whose test part the examples are.' })
    readonly modelVersion!: ModelVersion;

    @Field(() => Int, { description: 'How many examples.' })
    readonly examples!: number;

    @Field(() => Int, { description: 'In how many of them the answer turned out to be yes.' })
    readonly positives!: number;

    @Field(() => Int, { nullable: true, description: 'How many subjects; null where the data names none.' })
    readonly subjects!: number | null;

    @Field(() => figuresType, { description: 'What the policy would have done.' })
    readonly figures!: F;

    @Field(() => Int, { description: 'The version of the policy that is in force.' })
    readonly activeVersion!: number;

    @Field(() => figuresType, {
      description: 'What the policy that is in force would have done on the same examples.',
    })
    readonly activeFigures!: F;
  }

  const PreviewResult = createUnionType({
    name: `Preview${name}Result`,
    description: `What came of \`preview${name}\`. \`Conflict\` when the version that serves has no test examples.`,
    types: () => [Preview, InvalidPolicy, InvalidInput, ModelNotReady, Conflict] as const,
  });

  @InputType(`Preview${name}Input`, {
    description: 'Which policy to try: give one, or the version of one that was drafted.',
  })
  class PreviewInput {
    @Field(() => inputType, { nullable: true, description: 'A policy that need not be drafted yet.' })
    readonly policy?: object | null;

    @Field(() => Int, { nullable: true, description: "A drafted version; 0 is the domain's default." })
    readonly version?: number | null;
  }

  @InputType(`Draft${name}Input`, { description: 'A new version of the policy.' })
  class DraftInput {
    @Field(() => inputType, {
      description:
        "The policy. What is left out gets the domain's default, not the value of the version before.",
    })
    readonly policy!: object;

    @Field(() => String, { nullable: true, description: 'What you want to say of it, 1 to 500 characters.' })
    readonly note?: string | null;
  }

  @ObjectType(`Draft${name}Success`, {
    description: 'The policy was written. It changes nothing until `activatePolicy`.',
  })
  class DraftSuccess {
    @Field(() => Version, { description: 'The new version.' })
    readonly policy!: PolicyVersion;
  }

  const DraftResult = createUnionType({
    name: `Draft${name}Result`,
    description: `What came of \`draft${name}\`.`,
    types: () => [DraftSuccess, InvalidPolicy] as const,
  });

  @Resolver()
  class Operations {
    constructor(
      private readonly policies: PoliciesService,
      private readonly previews: PolicyPreviewsService,
    ) {}

    @Authorized<Role>(TENANT_MEMBERS)
    @Query(() => Version, {
      name: field,
      description: `The policy that your tenant's decisions follow, or any version of it. Error \`NOT_FOUND\` when there is no such version. Roles: TENANT_ADMIN, ANALYST, SERVICE.`,
    })
    async read(
      @Ctx() ctx: GraphqlContext,
      @Arg('version', () => Int, {
        nullable: true,
        description: "Which; the active one where absent. 0 is the domain's default.",
      })
      version?: number | null,
    ): Promise<PolicyVersion> {
      const active = await this.policies.inForce(requireTenant(ctx), kind);
      const stored = version == null ? active : await this.stored(ctx, version);
      return policyVersion(kind, stored, active?.id ?? null);
    }

    @Authorized<Role>(TENANT_MEMBERS)
    @Query(() => VersionConnection, {
      name: uncapitalized(plural),
      description:
        'The versions of the policy that your tenant wrote, newest first. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
    })
    async list(
      @Ctx() ctx: GraphqlContext,
      @Args(() => PageArgs) page: PageArgs,
    ): Promise<Connection<PolicyVersion>> {
      const tenant = requireTenant(ctx);
      const active = await this.policies.inForce(tenant, kind);
      return VersionConnection.from(await this.policies.list(tenant, kind, page), (entity) =>
        policyVersion(kind, entity, active?.id ?? null),
      );
    }

    @Authorized<Role>(ANALYSTS)
    @Query(() => PreviewResult, {
      name: `preview${name}`,
      complexity: COST.FILE,
      description:
        'What a policy would have done on the held-out examples of the version that serves, beside the policy that is in force. Changes nothing. Roles: TENANT_ADMIN, ANALYST.',
    })
    async preview(
      @Ctx() ctx: GraphqlContext,
      @Arg('input', () => PreviewInput, { description: 'The policy to try.' }) input: PreviewInput,
    ): Promise<typeof PreviewResult> {
      return outcome([InvalidPolicy, InvalidInput, ModelNotReady, Conflict], async () => {
        const tenant = requireTenant(ctx);
        const policy = await this.asked(ctx, input);
        const active = await this.policies.active(tenant, definition);
        const features = [policy, active.policy].flatMap((each) => definition.featuresOf?.(each) ?? []);
        const { version, examples } = await this.previews.past(tenant, kind, [...new Set(features)].sort());
        return Object.assign(new Preview(), {
          modelVersion: ModelVersion.from(version),
          examples: examples.count,
          positives: examples.labels_N.reduce((sum, label) => sum + label, 0),
          subjects: examples.subjects_N && new Set(examples.subjects_N).size,
          figures: definition.preview(policy, examples),
          activeVersion: active.version,
          activeFigures: definition.preview(active.policy, examples),
        });
      });
    }

    @Authorized<Role>(ADMINS)
    @Mutation(() => DraftResult, {
      name: `draft${name}`,
      complexity: COST.CHANGE,
      description: `Writes a new version of the policy, which changes nothing until \`activatePolicy\`. \`preview${name}\` shows what it would have done. Roles: TENANT_ADMIN.`,
    })
    async draft(
      @Ctx() ctx: GraphqlContext,
      @Arg('input', () => DraftInput, { description: 'The policy.' }) { policy, note }: DraftInput,
    ): Promise<typeof DraftResult> {
      return outcome([InvalidPolicy], async () => {
        const tenant = requireTenant(ctx);
        const drafted = await this.policies.draft(tenant, definition, { document: plainInput(policy), note });
        return Object.assign(new DraftSuccess(), { policy: policyVersion(kind, drafted, null) });
      });
    }

    private async asked(ctx: GraphqlContext, { policy, version }: PreviewInput): Promise<P> {
      if ((policy == null) === (version == null)) {
        const message = 'give either a policy or a version';
        throw new AppError('BAD_USER_INPUT', `input: ${message}.`, [{ path: 'input', message }]);
      }
      if (policy != null) return checkPolicy(definition, plainInput(policy));
      return storedPolicy(definition, await this.stored(ctx, version ?? 0)).policy;
    }

    private async stored(ctx: GraphqlContext, version: number): Promise<Policy | null> {
      return version === 0 ? null : this.policies.version(requireTenant(ctx), kind, version);
    }
  }
  return [Operations];
}

function uncapitalized(name: string): string {
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}
