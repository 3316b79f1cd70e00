/** A member who clicked a fitness ad this morning, liked two posts about it, and now scrolls through the feed. */
export const demo = {
  userId: 'm00042',
  at: '2025-04-22T20:15:30Z',
  ad: {
    category: 'fitness',
    format: 'video',
    placement: 'reels',
    advertiser: 'adv-06',
    frequency: 1,
    targeting: 'interest',
  },
  device: 'mobile',
  ageBand: '25-34',
  history: [
    {
      at: '2025-04-22T07:31:05Z',
      kind: 'impression',
      category: 'travel',
      format: 'image',
      clicked: false,
      dwellSeconds: 1.8,
    },
    {
      at: '2025-04-22T07:32:11Z',
      kind: 'impression',
      category: 'fitness',
      format: 'video',
      clicked: true,
      dwellSeconds: 9.4,
    },
    { at: '2025-04-22T20:12:40Z', kind: 'like', category: 'fitness' },
    { at: '2025-04-22T20:13:02Z', kind: 'like', category: 'fitness' },
    {
      at: '2025-04-22T20:13:55Z',
      kind: 'impression',
      category: 'food',
      format: 'carousel',
      clicked: false,
      dwellSeconds: 3.1,
    },
  ],
} as const;

/** The question that goes with it. */
export const demoQuery = `query ($input: AdClickInput!) {
  adClick(input: $input) {
    ... on AdClick { subjectId probability decision threshold modelVersion { id number createdAt } }
    ... on UserError { code message }
  }
}`;
