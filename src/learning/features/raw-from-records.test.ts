import { type FeatureSpecInput, featureSpecSchema } from './feature-spec';
import { type ExampleRecord, rawFromRecords } from './raw-from-records';

const AT = new Date('2024-03-06T18:30:00Z');
const SPEC: FeatureSpecInput = {
  shape: 'EVENTS',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['view'],
  label: { event: 'purchase', withinMinutes: 30 },
  features: [
    { type: 'numeric', name: 'age' },
    { type: 'categorical', name: 'constructor' },
    { type: 'cyclic', name: 'hour', part: 'hourOfDay' },
    { type: 'cyclic', name: 'day', part: 'dayOfWeek' },
  ],
  sequence: {
    maxLength: 3,
    fields: [
      { type: 'numeric', name: 'price' },
      { type: 'categorical', name: 'item' },
      { type: 'elapsed', name: 'ago' },
    ],
  },
};
const spec = featureSpecSchema.parse(SPEC);
const before = (seconds: number) => new Date(AT.getTime() - seconds * 1000);

function issuesOf(records: ExampleRecord[]): string[] {
  try {
    rawFromRecords(spec, records, AT);
  } catch (error) {
    expect(error).toMatchObject({ code: 'BAD_USER_INPUT' });
    return (error as { issues: Array<{ path: string; message: string }> }).issues.map(
      ({ path, message }) => `${path} ${message}`,
    );
  }
  return [];
}

describe('rawFromRecords', () => {
  it('lays out features and histories, oldest first, padded at the end', () => {
    const raw = rawFromRecords(spec, [
      {
        at: AT,
        features: { age: 41.5, constructor: 'x' },
        history: [
          { at: before(10), values: { price: 3, item: 7 } },
          { at: before(90), values: { price: null, item: true } },
        ],
      },
      { at: new Date('2024-03-04T00:00:00Z'), features: {} },
    ]);
    expect(raw).toEqual({
      count: 2,
      numeric: {
        age: Float32Array.of(41.5, NaN),
        hour: Float32Array.of(18.5, 0),
        day: Float32Array.of(2 + 18.5 / 24, 0),
      },
      categorical: { constructor: ['x', ''] },
      sequence: {
        maxLength: 3,
        lengths: Int32Array.of(2, 0),
        numeric: {
          price: Float32Array.of(NaN, 3, NaN, NaN, NaN, NaN),
          ago: Float32Array.of(90, 10, NaN, NaN, NaN, NaN),
        },
        categorical: { item: ['true', '7', '', '', '', ''] },
      },
    });
  });

  it('keeps the latest events, and events of one moment in the order given', () => {
    const history = [5, 20, 5, 30, 5].map((seconds, i) => ({
      at: before(seconds),
      values: { item: `i${i}` },
    }));
    const raw = rawFromRecords(spec, [{ at: AT, features: {}, history }]);
    expect(raw.sequence?.categorical['item']).toEqual(['i0', 'i2', 'i4']);
  });

  it('takes now for a record without a moment', () => {
    expect(rawFromRecords(spec, [{ features: {} }], AT).numeric['hour']).toEqual(Float32Array.of(18.5));
  });

  it('reads booleans in any case as one category', () => {
    const records = ['TRUE', 'True', true, 'truest'].map((value) => ({ features: { constructor: value } }));
    expect(rawFromRecords(spec, records, AT).categorical['constructor']).toEqual([
      'true',
      'true',
      'true',
      'truest',
    ]);
  });

  it('reports every problem at once, by path', () => {
    expect(
      issuesOf([
        {
          features: { age: '41', hour: 3, agee: 1, constructor: 'x'.repeat(1025) },
          history: [
            { at: AT, values: { price: Infinity } },
            { at: new Date(AT.getTime() + 1), values: { ago: 1, colour: 'red' } },
            { at: new Date(NaN), values: { price: 1e39, item: NaN } },
          ],
        },
        { at: new Date('0001-01-01'), features: { age: NaN } },
        { features: { age: true } },
      ]),
    ).toEqual([
      '0.features.hour is computed from the moments; leave it out',
      '0.features.agee is unknown; known are: age, constructor',
      '0.features.age must be a number or null, not the text "41"',
      '0.features.constructor is longer than 1024 characters',
      '0.history.0.at must lie before the moment of prediction',
      '0.history.0.values.price must be a finite number or null, not Infinity',
      '0.history.1.at must lie before the moment of prediction',
      '0.history.1.values.ago is computed from the moments; leave it out',
      '0.history.1.values.colour is unknown; known are: price, item',
      '0.history.2.at must be a moment between the years 1900 and 2200',
      '0.history.2.values.price is beyond ±3.4e38; give it in a larger unit',
      '0.history.2.values.item must be a category or null, not NaN',
      '1.at must be a moment between the years 1900 and 2200',
      '1.features.age must be a finite number or null, not NaN',
      '2.features.age must be a number or null, not true',
    ]);
  });

  it('bounds records, histories and issues', () => {
    const many = Array.from({ length: 10_001 }, () => ({ features: {} }));
    expect(() => rawFromRecords(spec, many, AT)).toThrow('At most 10000 examples');
    const history = Array.from({ length: 10_001 }, () => ({ at: before(1), values: {} }));
    expect(issuesOf([{ features: {}, history }])).toEqual([
      '0.history at most 10000 events; send the latest',
    ]);
    expect(issuesOf(many.slice(0, 500).map(() => ({ features: { age: 'x' } })))).toHaveLength(100);
  });

  it('refuses a history where the model takes none', () => {
    const table: FeatureSpecInput = { ...SPEC };
    delete table.sequence;
    const history = [{ at: before(1), values: {} }];
    expect(() => rawFromRecords(featureSpecSchema.parse(table), [{ features: {}, history }])).toThrow(
      '0.history this model takes no history; leave it out',
    );
  });
});
