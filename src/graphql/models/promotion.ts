import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { type Promotion as PromotionEntity, PROMOTION_ACTIONS } from '../../services/models/promotion.entity';
import { connectionOf } from '../connections/connection';
import { DomainKind } from '../domain-kind';
import { enumOf } from '../enum-of';

export const PromotionAction = enumOf(PROMOTION_ACTIONS);

registerEnumType(PromotionAction, {
  name: 'PromotionAction',
  description: 'How a version came to serve.',
  valuesConfig: {
    PROMOTE: { description: 'It was promoted.' },
    ROLLBACK: { description: 'It served before, and the version after it was taken back.' },
  },
});

@ObjectType('Promotion', {
  description: 'One decision about which version serves a domain. Never changed; the newest is in force.',
})
export class Promotion {
  @Field(() => ID, { description: 'Its id.' })
  readonly id!: string;

  @Field(() => DomainKind, { description: 'The domain.' })
  readonly kind!: string;

  @Field(() => PromotionAction, { description: 'How the version came to serve.' })
  readonly action!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Why it serves although it is not worth more than its baseline; null where it is, has none, or was rolled back to.',
  })
  readonly baselineOverride!: string | null;

  @Field(() => ID, { description: 'Id of the API key or member that decided.' })
  readonly promotedBy!: string;

  @Field(() => Date, { description: 'Since when it serves, or served.' })
  readonly promotedAt!: Date;

  /** For the field `modelVersion`, which is resolved when asked for. */
  readonly modelVersionId!: string;

  static from(entity: PromotionEntity): Promotion {
    return Object.assign(new Promotion(), {
      id: entity.id,
      kind: entity.kind,
      action: entity.action,
      baselineOverride: entity.baselineOverride,
      promotedBy: entity.promotedBy,
      promotedAt: entity.promotedAt,
      modelVersionId: entity.modelVersionId,
    });
  }
}

export const PromotionConnection = connectionOf(Promotion, 'Promotion', 'promotions');
