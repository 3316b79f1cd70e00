import fc from 'fast-check';
import { Graph, type Tensor, writeModel } from '../../engine/onnx';
import { identity } from '../../engine/ops';
import { type Feeds, Session } from '../../engine/runtime';
import { encode } from '../features/encode';
import { type FeatureMap } from '../features/feature-map';
import { featureSpecSchema } from '../features/feature-spec';
import { type RawExamples } from '../features/raw-examples';
import { artifactInputs } from './artifact-inputs';
import { preprocessing } from './preprocessing';

const T = 4;
const spec = featureSpecSchema.parse({
  shape: 'EVENTS',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['view'],
  label: { event: 'buy', withinMinutes: 60 },
  features: [
    { type: 'cyclic', name: 'hour', part: 'hourOfDay' },
    { type: 'numeric', name: 'age' },
    { type: 'categorical', name: 'country' },
    { type: 'numeric', name: 'amount', transform: 'log1p' },
    { type: 'cyclic', name: 'day', part: 'dayOfWeek' },
    { type: 'categorical', name: 'nothing' },
    { type: 'numeric', name: 'visits', encoding: 'quantileBins' },
    { type: 'numeric', name: 'spent', transform: 'log1p', encoding: 'piecewiseLinear' },
    { type: 'numeric', name: 'rate', encoding: 'piecewiseLinear' },
  ],
  sequence: {
    maxLength: T,
    fields: [
      { type: 'elapsed', name: 'since' },
      { type: 'categorical', name: 'kind' },
      { type: 'numeric', name: 'price' },
      { type: 'categorical', name: 'item' },
      { type: 'numeric', name: 'dwell', transform: 'log1p', encoding: 'piecewiseLinear' },
      { type: 'numeric', name: 'stars', encoding: 'quantileBins' },
    ],
  },
});
const fitted = { median: 0.5, low: -3, high: 4, mean: 0.25, std: 1.5 };
const LOG_EDGES = [0, 0.5, 0.6, 3.5].map(Math.fround);
const RATE_EDGES = [-0.1, 0.1, 0.100001, 100].map(Math.fround);
const BIN_STARTS = [-1, 0, 0.5, 17].map(Math.fround);
const linear = (edges: number[]) => ({ kind: 'piecewiseLinear' as const, edges });
const bins = { kind: 'quantileBins' as const, starts: BIN_STARTS };
const CODES = { missing: [-1, 17, 0.5].map(Math.fround) };
const BOUNDS = { clip: { low: Math.fround(-0.1), high: 30 } };
const CATEGORIES = {
  spellings: [['DE', 'de'] as [string, string], ['a', 'it'] as [string, string]],
  missing: ['view'],
};
const map: FeatureMap = {
  version: 1,
  spec,
  numeric: [
    { type: 'cyclic', name: 'hour', period: 24 },
    { type: 'numeric', name: 'age', transform: 'identity', median: 40, low: 18, high: 90, mean: 42, std: 12 },
    { type: 'numeric', name: 'amount', transform: 'log1p', ...fitted, cleaning: CODES },
    { type: 'cyclic', name: 'day', period: 7 },
    { type: 'numeric', name: 'visits', transform: 'identity', ...fitted, code: bins, cleaning: BOUNDS },
    { type: 'numeric', name: 'spent', transform: 'log1p', ...fitted, code: linear(LOG_EDGES) },
    {
      type: 'numeric',
      name: 'rate',
      transform: 'identity',
      ...fitted,
      code: linear(RATE_EDGES),
      cleaning: { ...CODES, ...BOUNDS, fill: 17 },
    },
  ],
  categorical: [
    { name: 'country', vocabulary: ['de', 'fr', 'it'], cleaning: CATEGORIES },
    { name: 'nothing', vocabulary: [], cleaning: { fill: 'de' } },
  ],
  sequence: {
    maxLength: T,
    numeric: [
      { type: 'numeric', name: 'since', transform: 'log1p', ...fitted },
      { type: 'numeric', name: 'price', transform: 'identity', ...fitted, cleaning: { fill: 2.5 } },
      { type: 'numeric', name: 'dwell', transform: 'log1p', ...fitted, code: linear(LOG_EDGES) },
      { type: 'numeric', name: 'stars', transform: 'identity', ...fitted, code: bins },
    ],
    categorical: [
      {
        name: 'kind',
        vocabulary: ['view', 'other'],
        cleaning: { keep: { categories: ['view'], other: 'other' }, fill: 'view' },
      },
      { name: 'item', vocabulary: ['a'] },
    ],
  },
};

const number = fc.oneof(
  fc.constantFrom(Number.NaN, 0, -0, 1e30, -1e30, Infinity, -Infinity),
  // On an edge, and beside it.
  fc.constantFrom(
    ...BIN_STARTS,
    ...RATE_EDGES,
    ...BIN_STARTS.map((start) => Math.fround(start * (1 - 2 ** -24))),
  ),
  fc.float({ min: -200, max: 200, noNaN: true }),
);
const numbers = (length: number) =>
  fc.array(number, { minLength: length, maxLength: length }).map((values) => Float32Array.from(values));
const texts = (length: number) =>
  fc.array(fc.constantFrom('', 'de', 'DE', 'it', 'view', 'buy', 'a', 'Ünknown'), {
    minLength: length,
    maxLength: length,
  });

const rawExamples: fc.Arbitrary<RawExamples> = fc.integer({ min: 1, max: 5 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    numeric: fc.record({
      hour: numbers(count),
      age: numbers(count),
      amount: numbers(count),
      day: numbers(count),
      visits: numbers(count),
      spent: numbers(count),
      rate: numbers(count),
    }),
    categorical: fc.record({ country: texts(count), nothing: texts(count) }),
    sequence: fc.record({
      maxLength: fc.constant(T),
      lengths: fc
        .array(fc.integer({ min: 0, max: T }), { minLength: count, maxLength: count })
        .map((lengths) => Int32Array.from(lengths)),
      numeric: fc.record({
        since: numbers(count * T),
        price: numbers(count * T),
        dwell: numbers(count * T),
        stars: numbers(count * T),
      }),
      categorical: fc.record({ kind: texts(count * T), item: texts(count * T) }),
    }),
  }),
);

/** Cyclic features are hours and days; the enormous ones are for the others. */
function plausible(raw: RawExamples): RawExamples {
  const within = (values: Float32Array | undefined, period: number) =>
    (values ?? new Float32Array(0)).map((value) =>
      Math.abs(value) <= 200 ? Math.abs(value) % period : Number.NaN,
    );
  return {
    ...raw,
    numeric: { ...raw.numeric, hour: within(raw.numeric.hour, 24), day: within(raw.numeric.day, 7) },
  };
}

describe('preprocessing', () => {
  it('equals the reference encoder on random examples', async () => {
    const graph = new Graph();
    const { numeric_NF, categorical_NC, sequence } = preprocessing(graph, map);
    graph.output('numeric', identity(numeric_NF!));
    graph.output('categorical', identity(categorical_NC!));
    graph.output('sequenceNumeric', identity(sequence!.numeric_NTS!));
    graph.output('sequenceCategorical', identity(sequence!.categorical_NTK!));
    graph.output('lengths', identity(sequence!.lengths_N));
    const session = await Session.create(writeModel(graph));
    await fc.assert(
      fc.asyncProperty(rawExamples.map(plausible), async (raw) => {
        const feeds: Feeds = Object.fromEntries(
          Object.entries(artifactInputs(spec, raw)).map(([name, { type, dims, data }]) => [
            name,
            { dtype: type, shape: dims, data } as Tensor,
          ]),
        );
        const answer = await session.run(feeds);
        const expected = encode(map, raw);
        close(answer.numeric, expected.numeric_NF);
        close(answer.categorical, expected.categorical_NC);
        close(answer.sequenceNumeric, expected.sequence!.numeric_NTS);
        close(answer.sequenceCategorical, expected.sequence!.categorical_NTK);
        close(answer.lengths, expected.sequence!.lengths_N);
      }),
    );
    await session.close();
  });
});

function close(actual: Tensor | undefined, expected: Float32Array | Int32Array): void {
  const values = Array.from(actual!.data as ArrayLike<number | bigint>, Number);
  expect(values).toHaveLength(expected.length);
  values.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(expected[i]!)));
  });
}
