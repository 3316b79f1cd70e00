import { createUnionType, Field, ObjectType, registerEnumType } from 'type-graphql';
import { Prediction } from '../../src/graphql/prediction/prediction';
import { QuotaExceeded } from '../../src/graphql/quotas/quota-exceeded';
import { InvalidFeatures, ModelNotReady } from '../../src/graphql/results/shared-errors';

export const PurchaseDecision = { LIKELY_BUYER: 'LIKELY_BUYER', UNLIKELY_BUYER: 'UNLIKELY_BUYER' } as const;
export type PurchaseDecision = keyof typeof PurchaseDecision;

registerEnumType(PurchaseDecision, {
  name: 'PurchaseDecision',
  description: 'What to expect of a visit.',
  valuesConfig: {
    LIKELY_BUYER: { description: 'The probability of a purchase reaches the threshold.' },
    UNLIKELY_BUYER: { description: 'The probability of a purchase lies below the threshold.' },
  },
});

@ObjectType('PurchaseIntent', {
  implements: Prediction,
  simpleResolvers: true,
  description: 'Whether a visit ends in a purchase: `probability` is that of a purchase.',
})
export class PurchaseIntent extends Prediction {
  @Field(() => PurchaseDecision, { description: 'What to expect of the visit.' })
  declare readonly decision: PurchaseDecision;
}

export const PurchaseIntentResult = createUnionType({
  name: 'PurchaseIntentResult',
  description: 'The prediction, or why there is none.',
  types: () => [PurchaseIntent, InvalidFeatures, ModelNotReady, QuotaExceeded] as const,
});
