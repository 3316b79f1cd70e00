import { createUnionType, Field, ID, InputType, ObjectType } from 'type-graphql';
import {
  type Quota as QuotaData,
  QUOTA_TERMS,
  type QuotaKind as Kind,
  type QuotaPeriod as Period,
  remainingOf,
} from '../../platform/tenancy/quotas/quota';
import { InvalidInput } from '../results/shared-errors';
import { SafeInt } from '../scalars';
import { QuotaKind, QuotaPeriod } from './quota-kind';

@ObjectType('Quota', { simpleResolvers: true, description: 'How much of something a tenant may use.' })
export class Quota {
  @Field(() => QuotaKind, { description: 'Of what.' })
  readonly kind!: Kind;

  @Field(() => SafeInt, { nullable: true, description: 'How much; null: there is no limit.' })
  readonly limit!: number | null;

  @Field(() => SafeInt, {
    description:
      'How much was used in the running period, or is there now. What other API processes counted in the last two seconds is not in it yet.',
  })
  readonly used!: number;

  @Field(() => SafeInt, { nullable: true, description: 'What is left, at least 0; null: there is no limit.' })
  readonly remaining!: number | null;

  @Field(() => QuotaPeriod, { description: 'After which it starts again.' })
  readonly period!: Period;

  @Field(() => Date, {
    nullable: true,
    description: 'When it starts again; null for what counts what is there.',
  })
  readonly resetsAt!: Date | null;

  static from(quota: QuotaData): Quota {
    const { kind, limit, used, resetsAt } = quota;
    return Object.assign(new Quota(), {
      ...{ kind, limit, resetsAt },
      used: Math.ceil(used),
      remaining: remainingOf(quota),
      period: QUOTA_TERMS[kind].period,
    });
  }
}

@InputType('QuotaLimitInput', { description: 'The limit of one kind.' })
export class QuotaLimitInput {
  @Field(() => QuotaKind, { description: 'Of what.' })
  readonly kind!: Kind;

  @Field(() => SafeInt, {
    nullable: true,
    description: 'How much, 0 or more; null or left out: as much as there is.',
  })
  readonly limit?: number | null;
}

@InputType('SetTenantQuotasInput', { description: 'How much a tenant may use.' })
export class SetTenantQuotasInput {
  @Field(() => ID, { description: 'The tenant.' })
  readonly tenantId!: string;

  @Field(() => [QuotaLimitInput], {
    description: 'The limits that change, each kind once; the others stay as they are.',
  })
  readonly quotas!: QuotaLimitInput[];
}

@ObjectType('SetTenantQuotasSuccess', {
  description: 'The limits hold: in other API processes, within four seconds.',
})
export class SetTenantQuotasSuccess {
  @Field(() => [Quota], { description: 'All quotas of the tenant, with what it has used.' })
  readonly quotas!: Quota[];
}

export const SetTenantQuotasResult = createUnionType({
  name: 'SetTenantQuotasResult',
  description: 'What came of `setTenantQuotas`.',
  types: () => [SetTenantQuotasSuccess, InvalidInput] as const,
});
