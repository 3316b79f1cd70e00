import { createUnionType, Field, ObjectType, registerEnumType } from 'type-graphql';
import { Prediction } from '../../src/graphql/prediction/prediction';
import { QuotaExceeded } from '../../src/graphql/quotas/quota-exceeded';
import { InvalidFeatures, ModelNotReady } from '../../src/graphql/results/shared-errors';

export const AdDecision = { CLICK: 'CLICK', NO_CLICK: 'NO_CLICK' } as const;
export type AdDecision = keyof typeof AdDecision;

registerEnumType(AdDecision, {
  name: 'AdDecision',
  description: 'What to expect of an impression.',
  valuesConfig: {
    CLICK: { description: 'The probability of a click reaches the threshold.' },
    NO_CLICK: { description: 'The probability of a click lies below the threshold.' },
  },
});

@ObjectType('AdClick', {
  implements: Prediction,
  simpleResolvers: true,
  description: 'Whether an ad is clicked: `probability` is the expected click-through rate.',
})
export class AdClick extends Prediction {
  @Field(() => AdDecision, { description: 'What to expect of the impression.' })
  declare readonly decision: AdDecision;
}

export const AdClickResult = createUnionType({
  name: 'AdClickResult',
  description: 'The prediction, or why there is none.',
  types: () => [AdClick, InvalidFeatures, ModelNotReady, QuotaExceeded] as const,
});
