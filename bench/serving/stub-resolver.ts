import { Authorized, Ctx, Query, Resolver } from 'type-graphql';
import { PurchaseIntent, PurchaseIntentResult } from '../../domains/ecommerce-purchase/purchase-intent';
import { PurchaseIntentInput } from '../../domains/ecommerce-purchase/purchase-intent-input';
import { TENANT_MEMBERS } from '../../src/graphql/authorization';
import { type GraphqlContext } from '../../src/graphql/context';
import { GivenArg } from '../../src/graphql/given-argument';
import { type Given, ScannedInputs } from '../../src/graphql/given/scanned-inputs';
import { requireTenant } from '../../src/platform/tenancy/request-context';
import { Recording } from '../../src/services/prediction/log/recording';
import { type Role } from '../../src/platform/tenancy/role';

const MODEL_VERSION = {
  id: '956bf4d6-f4f3-4c59-afeb-812e69e294b9',
  number: 1,
  createdAt: new Date('2025-03-01T08:11:20.595Z'),
};
const UNASKED = (): never => {
  throw new Error('nothing was predicted');
};
const HISTORY = { source: 'GIVEN', count: 8, latestAt: new Date('2025-03-21T19:20:00Z') } as const;

const SCORE = {
  ...{ probability: 0.5, logit: 0, history: HISTORY, record: { features: {} } },
  explain: UNASKED,
  recording: new Recording(UNASKED),
};

/** `purchaseIntent` as far as GraphQL sees it: the same argument, roles and answer, and nothing is predicted. */
@Resolver()
export class StubResolver {
  @Authorized<Role>(TENANT_MEMBERS)
  @Query(() => PurchaseIntentResult, { description: 'Answers at once.' })
  stubPurchaseIntent(
    @Ctx() ctx: GraphqlContext,
    @GivenArg('input', () => PurchaseIntentInput, { description: 'Not read.' })
    input: Given<PurchaseIntentInput>,
  ): Promise<PurchaseIntent> {
    requireTenant(ctx);
    const answer = new PurchaseIntent({
      score: SCORE,
      subjectId: (input instanceof ScannedInputs ? input.text(0, 'userId') : input.userId) ?? null,
      decision: 'LIKELY_BUYER',
      threshold: 0.25,
      modelVersion: MODEL_VERSION,
      servedBy: 'CHAMPION',
    });
    return Promise.resolve(answer);
  }
}
