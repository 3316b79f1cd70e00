import { Authorized, Ctx, Query, Resolver } from 'type-graphql';
import { TENANT_MEMBERS } from '../../src/graphql/authorization';
import { type GraphqlContext } from '../../src/graphql/context';
import { GivenArg } from '../../src/graphql/given-argument';
import { type Given } from '../../src/graphql/given/scanned-inputs';
import { perItem } from '../../src/graphql/limits/cost';
import { DomainPredictions, type PredictionOutcome } from '../../src/graphql/prediction/domain-predictions';
import { type Role } from '../../src/platform/tenancy/role';
import { PredictionService } from '../../src/services/prediction/prediction.service';
import { PurchaseDecision, PurchaseIntent, PurchaseIntentResult } from './purchase-intent';
import { PurchaseIntentInput } from './purchase-intent-input';

export const intents = new DomainPredictions<PurchaseIntentInput, PurchaseIntent>({
  kind: 'ECOMMERCE_PURCHASE',
  answer: PurchaseIntent,
  decisions: { yes: PurchaseDecision.LIKELY_BUYER, no: PurchaseDecision.UNLIKELY_BUYER },
  subject: 'userId',
  read: ({ userId, at, features, history, ...known }) => ({
    subjectId: userId,
    at,
    known: { '': known },
    features,
    history,
  }),
});

@Resolver()
export class PurchaseIntentResolver {
  constructor(private readonly predictions: PredictionService) {}

  @Authorized<Role>(TENANT_MEMBERS)
  @Query(() => PurchaseIntentResult, {
    description:
      'Whether the visit that begins now ends in a purchase, from everything the customer did before. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  purchaseIntent(
    @Ctx() ctx: GraphqlContext,
    @GivenArg('input', () => PurchaseIntentInput, { description: 'The visit and the history.' })
    input: Given<PurchaseIntentInput>,
  ): Promise<PredictionOutcome<PurchaseIntent>> {
    return intents.one(this.predictions, ctx, input);
  }

  @Authorized<Role>(TENANT_MEMBERS)
  @Query(() => [PurchaseIntentResult], {
    complexity: perItem('inputs'),
    description:
      '`purchaseIntent` for many visits, answered by one model version in the order of the inputs; what is wrong with one of them does not keep the others from being answered. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  purchaseIntents(
    @Ctx() ctx: GraphqlContext,
    @GivenArg('inputs', () => [PurchaseIntentInput], { description: 'Visits and histories, at most 1,000.' })
    inputs: Given<PurchaseIntentInput[]>,
  ): Promise<PredictionOutcome<PurchaseIntent>[]> {
    return intents.each(this.predictions, ctx, inputs);
  }
}
