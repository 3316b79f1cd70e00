import fc from 'fast-check';
import { linearSpec } from '../../../../test/support/linear-artifact';
import { type FeatureSpec, featureSpecSchema } from '../../../learning/features/feature-spec';
import { type FeatureValue } from '../../../learning/features/feature-value';
import { decodeSnapshot, encodeSnapshot, type Snapshot } from './snapshot';

const eventSpec: FeatureSpec = featureSpecSchema.parse({
  shape: 'EVENTS',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['visit'],
  label: { column: 'label' },
  features: [{ type: 'numeric', name: 'x' }],
  sequence: { maxLength: 3, fields: [{ type: 'numeric', name: 'price' }] },
});

const moment = fc.date({ min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true });
const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const value: fc.Arbitrary<FeatureValue> = fc.oneof(
  number,
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\ud800', '\0', '', '__proto__'),
  fc.boolean(),
  moment,
  fc.array(number),
  fc.array(fc.string()),
  fc.constant(null),
);
const values = fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), value, { maxKeys: 6 });
const snapshots: fc.Arbitrary<Snapshot> = fc.record({
  subjectId: fc.option(fc.string({ unit: 'binary' })),
  record: fc
    .record({
      at: moment,
      features: values,
      history: fc.option(fc.array(fc.record({ at: moment, values }), { maxLength: 3 }), { nil: undefined }),
    })
    .map(({ history, ...rest }) => (history ? { ...rest, history } : rest)),
  history: fc.record({
    source: fc.constantFrom('GIVEN', 'LOOKED_UP', 'NONE'),
    count: fc.nat(),
    latestAt: fc.option(moment),
  }),
});

/** Objects with and without a prototype are alike; −0 and 0 are not. */
const plain = (snapshot: Snapshot): unknown => structuredClone(snapshot);

describe('a snapshot', () => {
  it('is the same after storage, to the last bit', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        expect(plain(decodeSnapshot(encodeSnapshot(snapshot, eventSpec)))).toEqual(plain(snapshot));
      }),
    );
  });

  it('keeps of a longer history what the model sees: the latest, of one moment the last given', () => {
    const at = (ms: number) => new Date(ms);
    const history = [5, 1, 3, 3, 4].map((ms, index) => ({ at: at(ms), values: { price: index } }));
    const snapshot: Snapshot = {
      subjectId: 'u',
      record: { at: at(9), features: {}, history },
      history: { source: 'GIVEN', count: 3, latestAt: at(5) },
    };
    const { record } = decodeSnapshot(encodeSnapshot(snapshot, eventSpec));
    expect(record.history?.map(({ values }) => values['price'])).toEqual([3, 4, 0]);
  });

  it('takes little space', () => {
    const history = Array.from({ length: 3 }, (_, index) => ({
      at: new Date(index * 1_000),
      values: { category: 'garden', brand: 'hazel', price: 52.5 },
    }));
    const record = { at: new Date(), features: { device: 'desktop', source: 'email' }, history };
    const use = { source: 'LOOKED_UP', count: 3, latestAt: new Date(2_000) } as const;
    const bytes = encodeSnapshot({ subjectId: 'u00042', record, history: use }, linearSpec);
    expect(bytes.length).toBeLessThan(JSON.stringify(record).length * 0.75);
  });
});
