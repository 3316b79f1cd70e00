import { type FeatureSpecInput, featureSpecSchema } from '../feature-spec';

const BASE: FeatureSpecInput = {
  shape: 'EVENTS',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['visit'],
  sessionGapMinutes: 30,
  label: { column: 'bought' },
  features: [],
  sequence: { maxLength: 8, fields: [{ type: 'elapsed', name: 'age' }] },
};

const problemsOf = (feature: object, changes: object = {}): string[] =>
  (
    featureSpecSchema.safeParse({
      ...BASE,
      ...changes,
      features: [{ type: 'derived', name: 'x', ...feature }],
    }).error?.issues ?? []
  ).map((issue) => issue.path.join('.'));

test.each([
  [{ aggregate: 'count' }],
  [{ aggregate: 'count', by: [], kinds: ['a kind that never was'], withinDays: 30 }],
  [{ aggregate: 'sum', column: 'price', by: ['item'], withinMinutes: 90, transform: 'log1p' }],
  [{ aggregate: 'mean', column: 'bought', by: ['brand'], delayMinutes: 0 }],
  [{ aggregate: 'sessions', withinDays: 7, encoding: 'quantileBins', bins: 4 }],
  [{ aggregate: 'secondsSinceFirst', withinSession: true, by: ['user', 'category'] }],
  [{ aggregate: 'rate', of: ['click'], among: ['view'], by: ['user', 'item'], prior: { strength: 20 } }],
])('takes %j', (feature) => {
  expect(problemsOf(feature)).toEqual([]);
});

test.each([
  ['an aggregate that there is not', { aggregate: 'median', column: 'price' }, 'features.0.aggregate'],
  ['an unknown key', { aggregate: 'count', where: ['view'] }, 'features.0'],
  ['a key of another aggregate', { aggregate: 'count', column: 'price' }, 'features.0'],
  ['a sum of nothing', { aggregate: 'sum' }, 'features.0.column'],
  ['a rate of nothing', { aggregate: 'rate', of: ['click'] }, 'features.0.among'],
  [
    'a prior of no strength',
    { aggregate: 'rate', of: ['a'], among: ['b'], prior: {} },
    'features.0.prior.strength',
  ],
  ['two windows', { aggregate: 'count', withinDays: 1, withinMinutes: 5 }, 'features.0.withinDays'],
  [
    'a delay as long as the window',
    { aggregate: 'count', withinDays: 1, delayMinutes: 1440 },
    'features.0.delayMinutes',
  ],
  ['a column twice', { aggregate: 'count', by: ['item', 'item'] }, 'features.0.by.1'],
  ['bins that are not used', { aggregate: 'count', bins: 4 }, 'features.0.bins'],
  ['the label as a key', { aggregate: 'count', by: ['bought'] }, 'features.0.by.0'],
  ['the label, known at once or not', { aggregate: 'mean', column: 'bought' }, 'features.0.column'],
  [
    "the moment's own label",
    { aggregate: 'position', column: 'bought', delayMinutes: 5 },
    'features.0.column',
  ],
  ['the time as a key', { aggregate: 'count', by: ['at'] }, 'features.0.by.0'],
  ['sessions of no subject', { aggregate: 'sessions', by: ['item'] }, 'features.0.by'],
])('refuses %s', (_, feature, path) => {
  expect(problemsOf(feature)).toContain(path);
});

test('sessions need to know what ends them', () => {
  const changes = { sessionGapMinutes: undefined };
  expect(problemsOf({ aggregate: 'count', withinSession: true }, changes)).toEqual([
    'features.0.withinSession',
  ]);
  expect(problemsOf({ aggregate: 'sessions' }, changes)).toEqual(['features.0.aggregate']);
});

test('tables have no events to derive from', () => {
  const changes = { shape: 'TABLE', sequence: undefined, sessionGapMinutes: undefined };
  expect(problemsOf({ aggregate: 'count' }, changes)).toEqual(['features.0.type']);
});
