import { createUnionType, Field, ObjectType, registerEnumType } from 'type-graphql';
import { Prediction } from '../../src/graphql/prediction/prediction';
import { QuotaExceeded } from '../../src/graphql/quotas/quota-exceeded';
import { InvalidFeatures, ModelNotReady } from '../../src/graphql/results/shared-errors';

export const RiskDecision = { HIGH_RISK: 'HIGH_RISK', LOW_RISK: 'LOW_RISK' } as const;
export type RiskDecision = keyof typeof RiskDecision;

registerEnumType(RiskDecision, {
  name: 'RiskDecision',
  description: 'What to expect of an account.',
  valuesConfig: {
    HIGH_RISK: { description: 'The probability of default reaches the threshold.' },
    LOW_RISK: { description: 'The probability of default lies below the threshold.' },
  },
});

@ObjectType('CreditRisk', {
  implements: Prediction,
  simpleResolvers: true,
  description: 'Whether an account defaults: `probability` is the probability of default.',
})
export class CreditRisk extends Prediction {
  @Field(() => RiskDecision, { description: 'What to expect of the account.' })
  declare readonly decision: RiskDecision;
}

export const CreditRiskResult = createUnionType({
  name: 'CreditRiskResult',
  description: 'The prediction, or why there is none.',
  types: () => [CreditRisk, InvalidFeatures, ModelNotReady, QuotaExceeded] as const,
});
