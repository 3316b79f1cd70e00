import { type Payoff } from '../../src/learning/decisions/profit-curve';
import { type PolicyDefinition } from '../../src/services/policies/policy-definition';
import { previewShopPolicy, type ShopPolicyFigures } from './policy-preview';
import { type ShopPolicy, shopPolicySchema } from './policy-schema';

/** How a shop decides: what an approach costs and brings, what items earn, how lists are mixed. */
export const shopPolicy: PolicyDefinition<ShopPolicy, ShopPolicyFigures> = {
  kind: 'ECOMMERCE_PURCHASE',
  schema: shopPolicySchema,
  standard: {},
  preview: previewShopPolicy,
};

export function payoffOf({ audience }: ShopPolicy): Payoff {
  return { cost: audience.contactCost, benefit: audience.purchaseBenefit };
}
