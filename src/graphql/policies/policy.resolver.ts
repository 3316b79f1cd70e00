import { Arg, Args, Authorized, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { PoliciesService } from '../../services/policies/policies.service';
import { ADMINS, TENANT_MEMBERS } from '../authorization';
import { type Connection, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { Domain } from '../domains/domain';
import { COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { Conflict } from '../results/shared-errors';
import { uuidArgument } from '../uuid-argument';
import {
  ActivatePolicyInput,
  ActivatePolicyResult,
  ActivatePolicySuccess,
  InvalidPolicy,
  PolicyActivation,
  PolicyActivationConnection,
  PolicyVersion,
  RollbackPolicyInput,
  RollbackPolicyResult,
  RollbackPolicySuccess,
} from './policy';
import { policyVersion } from './policy-types';

/** What is the same for the policies of all domains. */
@Resolver(() => Domain)
export class PolicyResolver {
  constructor(private readonly policies: PoliciesService) {}

  @Authorized<Role>(ADMINS)
  @Mutation(() => ActivatePolicyResult, {
    complexity: COST.CHANGE,
    description:
      'Lets decisions follow a policy from now on: preview it first. Activating what is in force changes nothing. Error `NOT_FOUND` when your tenant has no such policy. Roles: TENANT_ADMIN.',
  })
  async activatePolicy(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => ActivatePolicyInput, { description: 'The policy.' }) input: ActivatePolicyInput,
  ): Promise<typeof ActivatePolicyResult> {
    const id = uuidArgument(input.policyId, 'input.policyId');
    return outcome([InvalidPolicy], async () => {
      const policy = await this.policies.activate(requireTenant(ctx), id);
      return Object.assign(new ActivatePolicySuccess(), {
        policy: policyVersion(policy.kind, policy, policy.id),
      });
    });
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => RollbackPolicyResult, {
    complexity: COST.CHANGE,
    description:
      "Lets decisions follow the policy again that was in force before the present one; again, the one before that, and at last the domain's default. Roles: TENANT_ADMIN.",
  })
  async rollbackPolicy(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => RollbackPolicyInput, { description: 'The domain.' }) { kind }: RollbackPolicyInput,
  ): Promise<typeof RollbackPolicyResult> {
    return outcome([Conflict, InvalidPolicy], async () => {
      const policy = await this.policies.rollback(requireTenant(ctx), kind);
      return Object.assign(new RollbackPolicySuccess(), {
        policy: policyVersion(kind, policy, policy?.id ?? null),
      });
    });
  }

  @Authorized<Role>(TENANT_MEMBERS)
  @FieldResolver(() => PolicyVersion, {
    nullable: true,
    description:
      "The policy that your tenant's decisions follow; null where the domain decides by the threshold alone. Roles: TENANT_ADMIN, ANALYST, SERVICE.",
  })
  async policy(@Root() { kind }: Domain, @Ctx() ctx: GraphqlContext): Promise<PolicyVersion | null> {
    if (!this.policies.isDecidedByPolicy(kind)) return null;
    const stored = await this.policies.inForce(requireTenant(ctx), kind);
    return policyVersion(kind, stored, stored?.id ?? null);
  }

  @Authorized<Role>(TENANT_MEMBERS)
  @FieldResolver(() => PolicyActivationConnection, {
    description:
      'What decisions followed, and since when, newest first. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  async policyActivations(
    @Root() { kind }: Domain,
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<PolicyActivation>> {
    return PolicyActivationConnection.from(
      await this.policies.activations(requireTenant(ctx), kind, page),
      (entity) => PolicyActivation.from(entity),
    );
  }
}
