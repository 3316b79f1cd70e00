import { pastExamples } from '../../src/services/policies/past-examples';
import { checkPolicy } from '../../src/services/policies/policy-document';
import { shopPolicy } from './policy';
import { marginBy, shopPolicySchema } from './policy-schema';

const past = pastExamples(
  {
    labels_N: Float32Array.of(1, 1, 0, 0, 0),
    probabilities_N: Float32Array.of(0.9, 0.5, 0.4, 0.05, 0.01),
    subjects_N: null,
  },
  new Map(),
  // Earlier: from 0.6 on, an approach at 1 for a purchase worth 4 earns most, midway between 0.7 and 0.5.
  {
    labels_N: Float32Array.of(1, 1, 0, 0, 0),
    probabilities_N: Float32Array.of(0.8, 0.7, 0.5, 0.3, 0.1),
  },
);
const preview = (document: object) => shopPolicy.preview(shopPolicySchema.parse(document), past);

/** The paths of what is wrong with a document. */
function pathsOf(document: object): string[] {
  try {
    checkPolicy(shopPolicy, document);
  } catch (error) {
    return (error as { issues: { path: string }[] }).issues.map(({ path }) => path);
  }
  return [];
}

describe('the policy of a shop', () => {
  it('is complete by its defaults', () => {
    expect(pathsOf({})).toEqual([]);
    expect(shopPolicySchema.parse({})).toMatchObject({
      basketKind: 'cart',
      columns: { item: 'item_id' },
      recommendations: { rebuyAfterDays: null, maxPerCategory: null },
      audience: { threshold: null },
    });
  });

  it('is refused with the path of everything that is wrong', () => {
    const rate = { category: 'books', rate: 0.2 };
    expect(pathsOf({ margins: { categories: [rate, { category: 'toys', rate: 0.1 }, rate] } })).toEqual([
      'policy.margins.categories.2.category',
    ]);
    expect(pathsOf({ audience: { contactCost: -1, purchaseBenefit: NaN, threshold: 1.5 } })).toEqual([
      'policy.audience.contactCost',
      'policy.audience.purchaseBenefit',
      'policy.audience.threshold',
    ]);
    expect(
      pathsOf({ recommendations: { repeatFactor: 0, maxPerCategory: 0, rebuyAfterDays: -1 } }),
    ).toHaveLength(3);
    expect(pathsOf({ discounts: 1 })).toHaveLength(1);
  });

  it('says what items earn: by their category, else by the rate of all, else nothing', () => {
    const policy = shopPolicySchema.parse({
      margins: { rate: 0.1, categories: [{ category: 'books', rate: 0.3 }] },
    });
    expect(marginBy(policy, { category: 'books', price: 10 })).toBe(3);
    expect(marginBy(policy, { category: 'constructor', price: 10 })).toBe(1);
    expect(marginBy(policy, { category: 'books', price: null })).toBeNull();
    expect(marginBy(shopPolicySchema.parse({}), { category: 'books', price: 10 })).toBeNull();
  });

  it('is previewed: whom it would have approached, and with what profit', () => {
    const figures = preview({ audience: { contactCost: 1, purchaseBenefit: 4 } });
    // By the threshold that was best before, as an audience is.
    expect(figures.threshold).toBeCloseTo(0.6, 6);
    expect(figures).toMatchObject({ profit: 4 - 1, profitOfAll: 2 * 4 - 5 });
    expect(figures.approached.estimate).toBeCloseTo(1 / 5, 12);
    expect(figures.purchaseRate.estimate).toBe(1);
    expect(figures.summary).toContain('20.0 % of the customers, of whom 100.0 % bought');
    expect(preview({ audience: { contactCost: 1, purchaseBenefit: 4, threshold: 0.8 } })).toMatchObject({
      threshold: 0.8,
      profit: 3,
    });
    expect(preview({ audience: { purchaseBenefit: 0 } })).toMatchObject({ threshold: 1, profit: 0 });
  });
});
