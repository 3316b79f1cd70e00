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

const T = 3;
const kinds = [
  { type: 'text' as const, name: 'title', maxTokens: 3 },
  { type: 'vector' as const, name: 'image', dimension: 3 },
  { type: 'multi' as const, name: 'tags', maxValues: 2 },
  { type: 'timestamp' as const, name: 'joined' },
  { type: 'timestamp' as const, name: 'only', parts: [] },
];
const scale = { median: 0.5, low: -3, high: 4, mean: 0.25, std: 1.5 };
const encoders: NonNullable<FeatureMap['compound']> = [
  { type: 'text', name: 'title', size: 3, pooling: 'mean', vocabulary: ['red', 'カ'] },
  { type: 'vector', name: 'image', scales: [scale, { ...scale, low: 0, std: 0.01 }, { ...scale, mean: 7 }] },
  { type: 'multi', name: 'tags', size: 2, pooling: 'sum', vocabulary: [] },
  { type: 'timestamp', name: 'joined', elapsed: { ...scale, high: 20 }, periods: [24, 7] },
  { type: 'timestamp', name: 'only', elapsed: scale, periods: [] },
];

/** With and without features of other kinds beside them. */
function mapOf(isAlone: boolean): FeatureMap {
  const others = isAlone ? [] : [{ type: 'numeric' as const, name: 'age' }];
  const colours = isAlone ? [] : [{ type: 'categorical' as const, name: 'colour' }];
  const numeric = others.map(({ name }) => ({
    type: 'numeric' as const,
    name,
    transform: 'identity' as const,
    ...scale,
  }));
  const categorical = colours.map(({ name }) => ({ name, vocabulary: ['red'] }));
  return {
    version: 1,
    spec: featureSpecSchema.parse({
      shape: 'EVENTS',
      subjectColumn: 'user',
      timeColumn: 'at',
      kindColumn: 'kind',
      momentKinds: ['view'],
      label: { event: 'buy', withinMinutes: 60 },
      features: [...kinds.slice(0, 3), ...others, ...kinds.slice(3), ...colours],
      sequence: { maxLength: T, fields: [...colours, ...kinds, ...others] },
    }),
    numeric,
    categorical,
    compound: encoders,
    sequence: { maxLength: T, numeric, categorical, compound: encoders },
  };
}

const number = fc.oneof(
  fc.constantFrom(NaN, 0, 1e30, -1e30, Infinity, -Infinity),
  fc.float({ min: -20, max: 20, noNaN: true }),
);
const category = fc.constantFrom('', '', 'red', 'カ', 'blue');
const exactly = (length: number) => ({ minLength: length, maxLength: length });

function columns(count: number) {
  const numbers = (width: number, of = number) =>
    fc.array(of, exactly(count * width)).map((values) => Float32Array.from(values));
  const texts = (width: number) => fc.array(category, exactly(count * width));
  // Elapsed seconds, and parts within their periods.
  const seconds = fc.oneof(fc.constantFrom(NaN, 0, 1e9), fc.float({ min: 0, max: 1e6, noNaN: true }));
  const moments = fc
    .array(fc.tuple(seconds, fc.nat(23), fc.nat(6)), exactly(count))
    .map((parts) =>
      Float32Array.from(parts.flatMap((part) => (Number.isNaN(part[0]) ? [NaN, NaN, NaN] : part))),
    );
  return {
    numeric: fc.record({ age: numbers(1), image: numbers(3), joined: moments, only: numbers(1, seconds) }),
    categorical: fc.record({ colour: texts(1), title: texts(3), tags: texts(2) }),
  };
}

const rawExamples: fc.Arbitrary<RawExamples> = fc.integer({ min: 1, max: 4 }).chain((count) => {
  const lengths = fc.array(fc.nat(T), exactly(count)).map((values) => Int32Array.from(values));
  return fc.record({
    count: fc.constant(count),
    ...columns(count),
    sequence: fc.record({ maxLength: fc.constant(T), lengths, ...columns(count * T) }),
  });
});

describe('preprocessing of compound features', () => {
  it.each([
    ['alone', true],
    ['beside others', false],
  ])('equals the reference encoder on random examples, %s', async (_, isAlone) => {
    const map = mapOf(isAlone);
    const graph = new Graph();
    const { numeric_NF, categorical_NC, sequence } = preprocessing(graph, map);
    const outputs = {
      numeric_NF: numeric_NF!,
      categorical_NC: categorical_NC!,
      numeric_NTS: sequence!.numeric_NTS!,
      categorical_NTK: sequence!.categorical_NTK!,
    };
    for (const [name, value] of Object.entries(outputs)) graph.output(name, identity(value));
    const session = await Session.create(writeModel(graph));
    await fc.assert(
      fc.asyncProperty(rawExamples, async (raw) => {
        const feeds: Feeds = Object.fromEntries(
          Object.entries(artifactInputs(map.spec, raw)).map(([name, { type, dims, data }]) => [
            name,
            { dtype: type, shape: dims, data } as Tensor,
          ]),
        );
        const found = await session.run(feeds);
        const { sequence: encodedSequence, ...encoded } = encode(map, raw);
        const expected: Record<string, unknown> = { ...encoded, ...encodedSequence };
        for (const name of Object.keys(outputs)) {
          const values = Array.from(found[name]!.data as ArrayLike<number | bigint>, Number);
          const wanted = Array.from(expected[name] as ArrayLike<number>);
          expect(values.length).toBe(wanted.length);
          const worst = Math.max(
            0,
            ...values.map((value, i) => Math.abs(value - wanted[i]!) / Math.max(1, Math.abs(wanted[i]!))),
          );
          expect({ name, isEqual: worst <= 1e-5 }).toEqual({ name, isEqual: true });
        }
      }),
      { numRuns: 150 },
    );
    await session.close();
  });
});
