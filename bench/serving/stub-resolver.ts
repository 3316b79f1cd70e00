import { Authorized, Ctx, Query, Resolver } from 'type-graphql';
import { PurchaseIntent, PurchaseIntentResult } from '../../domains/ecommerce-purchase/purchase-intent';
import { PurchaseIntentInput } from '../../domains/ecommerce-purchase/purchase-intent-input';
import { TENANT_MEMBERS } from '../../src/graphql/authorization';
import { type GraphqlContext } from '../../src/graphql/context';
import { GivenArg } from '../../src/graphql/given-argument';
import { type Given, ScannedInputs } from '../../src/graphql/given/scanned-inputs';
import { requireTenant } from '../../src/platform/tenancy/request-context';
import { type Role } from '../../src/platform/tenancy/role';

const MODEL_VERSION = {
  id: '956bf4d6-f4f3-4c59-afeb-812e69e294b9',
  number: 1,
  createdAt: new Date('2025-03-01T08:11:20.595Z'),
};
const HISTORY = { source: 'GIVEN', count: 8, latestAt: new Date('2025-03-21T19:20:00Z') } as const;

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
    const answer = Object.assign(new PurchaseIntent(), {
      subjectId: input instanceof ScannedInputs ? input.text(0, 'userId') : input.userId,
      probability: 0.5,
      threshold: 0.25,
      decision: 'LIKELY_BUYER',
      modelVersion: MODEL_VERSION,
      score: { history: HISTORY },
    });
    return Promise.resolve(answer);
  }
}
