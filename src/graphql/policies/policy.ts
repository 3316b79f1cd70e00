import {
  createUnionType,
  Field,
  ID,
  InputType,
  Int,
  InterfaceType,
  ObjectType,
  registerEnumType,
} from 'type-graphql';
import { type ErrorCode, type Issue as IssueData } from '../../errors';
import {
  type PolicyActivation as ActivationEntity,
  POLICY_ACTIONS,
} from '../../services/policies/policy-activation.entity';
import { connectionOf } from '../connections/connection';
import { DomainKind } from '../domain-kind';
import { enumOf } from '../enum-of';
import { Conflict, UserErrorWithIssues } from '../results/shared-errors';
import { Issue } from '../results/issue';
import { UserError } from '../results/user-error';
import { JsonObject } from '../scalars';

@InterfaceType('PolicyVersion', {
  description:
    'What your tenant decides by in one domain: thresholds, costs, caps, bands. Versions are never changed. Each domain has a type of its own, with the policy in typed fields.',
})
export abstract class PolicyVersion {
  @Field(() => ID, { nullable: true, description: "Its id; null for the domain's default." })
  readonly id!: string | null;

  @Field(() => DomainKind, { description: 'The domain.' })
  readonly kind!: string;

  @Field(() => Int, { description: "1, 2, 3 … in your tenant; 0 is the domain's default." })
  readonly version!: number;

  @Field(() => Boolean, { description: 'Whether decisions follow it now.' })
  readonly isActive!: boolean;

  @Field(() => JsonObject, {
    description: 'The whole policy as JSON, for programs that handle all domains alike.',
  })
  readonly document!: object;

  @Field(() => String, { nullable: true, description: 'What its author said of it.' })
  readonly note!: string | null;

  @Field(() => ID, {
    nullable: true,
    description: "Id of the API key or member that wrote it; null for the domain's default.",
  })
  readonly createdBy!: string | null;

  @Field(() => Date, { nullable: true, description: "When it was written; null for the domain's default." })
  readonly createdAt!: Date | null;
}

@ObjectType('InvalidPolicy', {
  implements: UserError,
  description:
    'The policy contradicts itself, or has a key or value that the domain does not know (code `INVALID_CONFIGURATION`). Nothing was changed.',
})
export class InvalidPolicy extends UserErrorWithIssues {
  static readonly codes: readonly ErrorCode[] = ['INVALID_CONFIGURATION'];

  @Field(() => [Issue], {
    description: 'Everything that is wrong, each with its place, such as `policy.bands.1.from`.',
  })
  declare readonly issues: readonly IssueData[];
}

export const PolicyAction = enumOf(POLICY_ACTIONS);
registerEnumType(PolicyAction, {
  name: 'PolicyAction',
  description: 'How a policy came into force.',
  valuesConfig: {
    ACTIVATE: { description: 'It was activated.' },
    ROLLBACK: { description: 'It was in force before, and the policy after it was taken back.' },
  },
});

@ObjectType('PolicyActivation', {
  description: 'One decision about which policy is in force. Never changed; the newest counts.',
})
export class PolicyActivation {
  @Field(() => ID, { description: 'Its id.' })
  readonly id!: string;

  @Field(() => PolicyAction, { description: 'How the policy came into force.' })
  readonly action!: string;

  @Field(() => ID, {
    nullable: true,
    description: "The policy's id; null where a rollback led to the domain's default.",
  })
  readonly policyId!: string | null;

  @Field(() => ID, { description: 'Id of the API key or member that decided.' })
  readonly decidedBy!: string;

  @Field(() => Date, { description: 'Since when decisions follow it, or followed it.' })
  readonly decidedAt!: Date;

  static from({ id, action, policyId, decidedBy, decidedAt }: ActivationEntity): PolicyActivation {
    return Object.assign(new PolicyActivation(), { id, action, policyId, decidedBy, decidedAt });
  }
}

export const PolicyActivationConnection = connectionOf(
  PolicyActivation,
  'PolicyActivation',
  'decisions about policies',
);

@InputType('ActivatePolicyInput', { description: 'Which policy decisions are to follow from now on.' })
export class ActivatePolicyInput {
  @Field(() => ID, { description: 'Its id.' })
  readonly policyId!: string;
}

@ObjectType('ActivatePolicySuccess', { description: 'Decisions follow the policy.' })
export class ActivatePolicySuccess {
  @Field(() => PolicyVersion, { description: 'What is in force.' })
  readonly policy!: PolicyVersion;
}

export const ActivatePolicyResult = createUnionType({
  name: 'ActivatePolicyResult',
  description: 'What came of `activatePolicy`.',
  types: () => [ActivatePolicySuccess, InvalidPolicy] as const,
});

@InputType('RollbackPolicyInput', { description: "Which domain's policy is to be taken back." })
export class RollbackPolicyInput {
  @Field(() => DomainKind, { description: 'The domain.' })
  readonly kind!: string;
}

@ObjectType('RollbackPolicySuccess', { description: 'Decisions follow the policy before.' })
export class RollbackPolicySuccess {
  @Field(() => PolicyVersion, { description: 'What is in force.' })
  readonly policy!: PolicyVersion;
}

export const RollbackPolicyResult = createUnionType({
  name: 'RollbackPolicyResult',
  description: 'What came of `rollbackPolicy`. `Conflict` when the default is in force.',
  types: () => [RollbackPolicySuccess, Conflict, InvalidPolicy] as const,
});
