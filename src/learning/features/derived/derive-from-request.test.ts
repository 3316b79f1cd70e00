import { featureSpecSchema } from '../feature-spec';
import { type ExampleRecord, rawFromRecords } from '../raw-from-records';

const AT = new Date('2024-03-06T18:30:00Z');
const before = (minutes: number) => new Date(AT.getTime() - minutes * 60_000);

const spec = featureSpecSchema.parse({
  shape: 'EVENTS',
  subjectColumn: 'user_id',
  timeColumn: 'at',
  kindColumn: 'event',
  momentKinds: ['visit'],
  sessionGapMinutes: 30,
  label: { event: 'purchase', withinMinutes: 60 },
  features: [
    { type: 'categorical', name: 'shown', column: 'item_id' },
    { type: 'derived', name: 'purchases', aggregate: 'count', kinds: ['purchase'] },
    { type: 'derived', name: 'spent', aggregate: 'sum', column: 'unit price', withinDays: 1 },
    { type: 'derived', name: 'ofItem', aggregate: 'count', by: ['user_id', 'item_id'] },
    { type: 'derived', name: 'ofBrand', aggregate: 'count', by: ['user_id', 'Brand'] },
    { type: 'derived', name: 'popularity', aggregate: 'count', by: ['item_id'] },
    { type: 'derived', name: 'devices', aggregate: 'countDistinct', column: 'device' },
    {
      type: 'derived',
      name: 'rate',
      aggregate: 'rate',
      of: ['purchase'],
      among: ['visit'],
      prior: { strength: 8, rate: 0.25 },
    },
    { type: 'derived', name: 'smoothed', aggregate: 'rate', of: ['a'], among: ['b'], prior: { strength: 8 } },
  ],
  sequence: {
    // Derived features see the whole history, not only what the sequence keeps.
    maxLength: 1,
    fields: [
      { type: 'categorical', name: 'what', column: 'event' },
      { type: 'categorical', name: 'item', column: 'item_id' },
      { type: 'categorical', name: 'brand', column: 'Brand' },
      { type: 'numeric', name: 'price', column: 'unit price' },
    ],
  },
});

function derived(record: ExampleRecord): Record<string, number> {
  const { numeric } = rawFromRecords(spec, [{ at: AT, ...record }]);
  return Object.fromEntries(Object.entries(numeric).map(([name, values]) => [name, values[0] ?? 0]));
}

const history = [
  { at: before(10), values: { what: 'purchase', item: 7, brand: 'b', price: 2.5 } },
  { at: before(20), values: { what: 'visit', item: '7', brand: 'a', price: 4 } },
  { at: before(3000), values: { what: 'purchase', item: '8', brand: 'a', price: 100 } },
];
const MISSING = { popularity: NaN, devices: NaN, smoothed: NaN };

test('what a history tells is derived from it, and nothing else is made up', () => {
  expect(derived({ features: { shown: '7', Brand: 'a' }, history })).toEqual({
    ...MISSING,
    purchases: 2,
    spent: 6.5,
    ofItem: 2,
    ofBrand: 2,
    rate: Math.fround((2 + 8 * 0.25) / (1 + 8)),
  });
});

test('an empty history is one; without a history, or a key, nothing is known', () => {
  const known = { purchases: 0, spent: 0, ofItem: NaN, ofBrand: NaN, rate: 0.25 };
  expect(derived({ features: {}, history: [] })).toEqual({ ...MISSING, ...known });
  expect(derived({ features: {}, history: [], at: AT })).toEqual({ ...MISSING, ...known });
  const nothing = Object.fromEntries(Object.keys(known).map((name) => [name, NaN]));
  expect(derived({ features: {} })).toEqual({ ...MISSING, ...nothing });
});

test('what is given counts, also that it is not known', () => {
  const given = { popularity: 41, purchases: 9, spent: null };
  expect(derived({ features: given, history })).toMatchObject({ popularity: 41, purchases: 9, spent: NaN });
});

test('names that nothing reads are refused, with those that are read', () => {
  expect(() => derived({ features: { Brandt: 'a' } })).toThrow(
    '0.features.Brandt is unknown; known are: shown, purchases, spent, ofItem, ofBrand, popularity, devices, rate, smoothed, Brand',
  );
  expect(() => derived({ features: { purchases: 'many' } })).toThrow('must be a number or null');
});
