import { Field, ObjectType } from 'type-graphql';
import { type AppError, type ErrorCode } from '../../errors';
import { QuotaExceededError, type QuotaKind as Kind } from '../../platform/tenancy/quotas/quota';
import { UserError } from '../results/user-error';
import { SafeInt } from '../scalars';
import { QuotaKind } from './quota-kind';

@ObjectType('QuotaExceeded', {
  implements: UserError,
  description:
    'Your tenant has used up what it may (code `QUOTA_EXCEEDED`), and nothing was done. `quotas` shows all of them; whoever runs the platform can raise one.',
})
export class QuotaExceeded extends UserError {
  static readonly codes: readonly ErrorCode[] = ['QUOTA_EXCEEDED'];

  @Field(() => QuotaKind, { description: 'Which quota.' })
  readonly kind: Kind;

  @Field(() => SafeInt, { description: 'How much your tenant may use.' })
  readonly limit: number;

  @Field(() => SafeInt, { description: 'How much it has used, as far as is known where it was asked.' })
  readonly used: number;

  @Field(() => Date, {
    nullable: true,
    description: 'When it starts again; null for what is stored, which starts again when less is stored.',
  })
  readonly resetsAt: Date | null;

  constructor(error: AppError) {
    super(error);
    if (!(error instanceof QuotaExceededError)) throw error;
    const { kind, limit, used, resetsAt } = error.quota;
    this.kind = kind;
    this.limit = limit ?? 0;
    this.used = Math.ceil(used);
    this.resetsAt = resetsAt;
  }
}
