import { discoverDomains } from '../../src/app/discover-domains';

/** What is asked of a model: the query, its plural, and how an input is made of a good one. */
export interface Asked {
  readonly single: string;
  readonly plural: string;
  readonly input: string;
  /** Where the answer has its probability. */
  readonly answer: string;
  readonly good: Readonly<Record<string, unknown>> & { readonly history: readonly object[] };
}

const demoOf = (kind: string) => {
  const domain = discoverDomains().find((each) => each.kind === kind);
  if (!domain) throw new Error(`there is no ${kind}`);
  return domain.generate({ seed: 1, scale: 0.001 }).demo as Asked['good'];
};
export const ASKED: readonly Asked[] = [
  {
    ...{ single: 'purchaseIntent', plural: 'purchaseIntents', input: 'PurchaseIntentInput' },
    ...{ answer: '... on PurchaseIntent { probability }', good: demoOf('ECOMMERCE_PURCHASE') },
  },
  {
    ...{ single: 'adClick', plural: 'adClicks', input: 'AdClickInput' },
    ...{ answer: '... on AdClick { probability }', good: demoOf('SOCIAL_AD_CTR') },
  },
  {
    ...{ single: 'creditRisk', plural: 'creditRisks', input: 'CreditRiskInput' },
    ...{ answer: '... on CreditRisk { probability }', good: demoOf('FINANCIAL_RISK') },
  },
  {
    ...{ single: 'creditReport', plural: 'creditReports', input: 'CreditRiskInput' },
    ...{
      answer: '... on CreditReport { probability: probabilityOfDefault }',
      good: demoOf('FINANCIAL_RISK'),
    },
  },
];

/** SAME: answered as the good input is; ANSWERED: with a probability; else the path of the issue. */
export type Expected = 'SAME' | 'ANSWERED' | { readonly path: string; readonly says: RegExp };
type Change = (good: Asked['good']) => object;

const EVENT = { at: '2023-01-01T00:00:00Z', kind: 'visit' };
const MOMENT = /between the years 1900 and 2200/;
export const CASES: ReadonlyArray<readonly [what: string, change: Change, expected: Expected]> = [
  ['a history in the wrong order', ({ history }) => ({ history: [...history].reverse() }), 'SAME'],
  ['no history', () => ({ history: [] }), 'ANSWERED'],
  ['an unknown kind of event', () => ({ history: [{ ...EVENT, kind: 'teleport' }] }), 'ANSWERED'],
  ['an unknown category', () => ({ history: [{ ...EVENT, values: [] }] }), 'ANSWERED'],
  ['an event from 1970', () => ({ history: [{ ...EVENT, at: '1970-01-01T00:00:00Z' }] }), 'ANSWERED'],
  [
    'a moment in 1970, before its history',
    () => ({ at: '1970-01-01T00:00:00Z' }),
    { path: 'history.0.at', says: /./ },
  ],
  ['a moment in 1970', () => ({ at: '1970-01-01T00:00:00Z', history: [] }), 'ANSWERED'],
  ['a moment before time', () => ({ at: '0001-01-01T00:00:00Z', history: [] }), { path: 'at', says: MOMENT }],
  [
    'an event of the moment after',
    ({ at }) => ({ history: [{ ...EVENT, at: '2199-01-01T00:00:00Z' }], at }),
    { path: 'history.0.at', says: /./ },
  ],
  [
    '10,001 events',
    () => ({ history: Array.from({ length: 10_001 }, () => EVENT) }),
    { path: 'history', says: /at most 10000 events/ },
  ],
  [
    'an unknown feature',
    () => ({ features: [{ name: 'zodiac', text: 'leo' }] }),
    { path: 'features.zodiac', says: /unknown/ },
  ],
  [
    'a feature given twice',
    () => ({
      features: [
        { name: 'zodiac', text: 'leo' },
        { name: 'zodiac', text: 'leo' },
      ],
    }),
    { path: 'features.zodiac', says: /given twice/ },
  ],
  [
    'a feature of two values',
    () => ({ features: [{ name: 'zodiac', text: 'leo', number: 1 }] }),
    { path: 'features.zodiac', says: /more than one value/ },
  ],
  [
    'a value of events that there is not',
    () => ({ history: [{ ...EVENT, values: [{ name: 'mood', text: 'x' }] }] }),
    { path: 'history.0.values.mood', says: /unknown/ },
  ],
  [
    'a text with NUL',
    () => ({ history: [{ ...EVENT, kind: 'a\u0000b' }] }),
    { path: 'history.0.kind', says: /NUL/ },
  ],
  [
    'a name that is no name',
    () => ({ features: [{ name: '__proto__', text: 'x' }] }),
    { path: 'features.__proto__', says: /unknown/ },
  ],
];

const AD = { adId: 'a', bid: 1 };
const OFFER = { id: 'o', cost: 1, discount: 0, oddsMultiplier: 1.2 };
const OPTION = { name: 'feed', cpm: 2, inventory: 1000, recorded: { impressions: 1000, clicks: 10 } };
const DAY = { from: '2025-01-01T00:00:00Z', until: '2025-01-02T00:00:00Z' };

/** One input of each kind, and the paths of what is wrong with it; what is tolerated has none. */
export const OTHERS: ReadonlyArray<
  readonly [field: string, what: string, input: object, paths: readonly string[]]
> = [
  [
    'recommendItems',
    'an item given twice',
    { userId: 'u', candidates: [{ itemId: 'i' }, { itemId: 'i' }] },
    ['candidates.1.itemId'],
  ],
  [
    'recommendItems',
    'a negative price and margin',
    { userId: 'u', candidates: [{ itemId: 'i', price: -1, margin: -2 }] },
    ['candidates.0.margin', 'candidates.0.price'],
  ],
  ['recommendItems', 'items that nobody knows', { userId: 'nobody', candidates: [{ itemId: 'i' }] }, []],
  ['recommendItems', 'a moment in 1970', { userId: 'u', at: '1970-01-01T00:00:00Z' }, []],
  ['recommendItems', 'a moment before time', { userId: 'u', at: '0001-01-01T00:00:00Z' }, ['at']],
  ['recommendItems', 'no candidates', { userId: 'u', candidates: [] }, ['candidates']],
  ['recommendItems', 'nobody', { userId: '' }, ['userId']],
  [
    'recommendItems',
    'an unknown feature',
    { userId: 'u', features: [{ name: 'zodiac', text: 'leo' }] },
    ['features.zodiac'],
  ],
  ['rankAds', 'no candidates', { candidates: [] }, ['candidates']],
  ['rankAds', 'too many candidates', { candidates: Array.from({ length: 1001 }, () => AD) }, ['candidates']],
  [
    'rankAds',
    'an ad given twice, a negative bid: dropped, each with its reason',
    { candidates: [AD, AD, { adId: 'b', bid: -1 }] },
    [],
  ],
  [
    'rankAds',
    'a campaign that ends before it begins',
    {
      candidates: [AD],
      campaigns: [{ id: 'c', budget: -1, spent: -1, startsAt: DAY.until, endsAt: DAY.from }],
    },
    ['campaigns.0.budget', 'campaigns.0.spent', 'campaigns.0.endsAt'],
  ],
  [
    'rankAds',
    'a history in the wrong order, of unknown kinds',
    {
      candidates: [AD],
      history: [
        { at: DAY.until, kind: 'x' },
        { at: DAY.from, kind: 'y' },
      ],
    },
    [],
  ],
  [
    'rankAds',
    'events from after the moment',
    { candidates: [AD], at: DAY.from, history: [{ at: DAY.until, kind: 'x' }] },
    ['history.0.at'],
  ],
  ['rankAds', 'a moment before time', { candidates: [AD], at: '0001-01-01T00:00:00Z' }, ['at']],
  ['rankAds', 'a share that is none', { candidates: [AD], first: 0 }, ['first']],
  [
    'campaignPlan',
    'a customer given twice',
    { userIds: ['u', 'u'], offers: [OFFER], budget: 10 },
    ['userIds.1'],
  ],
  [
    'campaignPlan',
    'an offer given twice',
    { userIds: ['u'], offers: [OFFER, OFFER], budget: 10 },
    ['offers.1.id'],
  ],
  [
    'campaignPlan',
    'negative amounts',
    { userIds: ['u'], offers: [{ ...OFFER, cost: -1 }], budget: -10 },
    ['offers.0.cost', 'budget'],
  ],
  ['campaignPlan', 'nobody', { userIds: [], offers: [OFFER], budget: 10 }, ['userIds']],
  [
    'campaignPlan',
    'a moment before time',
    { userIds: ['u'], offers: [OFFER], budget: 10, at: '0001-01-01T00:00:00Z' },
    ['at'],
  ],
  ['placementPlan', 'a negative budget', { budget: -1, objective: 'CLICKS', options: [OPTION] }, ['budget']],
  [
    'placementPlan',
    'a place given twice',
    { budget: 1, objective: 'CLICKS', options: [OPTION, OPTION] },
    ['options.1.name'],
  ],
  ['demandForecast', 'days that are none', { horizonDays: 0 }, ['horizonDays']],
  ['audience', 'a probability above 1', { minProbability: 1.5 }, ['input.minProbability']],
];
