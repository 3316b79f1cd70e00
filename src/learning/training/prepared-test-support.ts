import { encode } from '../features/encode';
import { type FeatureMap, inputShape } from '../features/feature-map';
import { featureSpecSchema } from '../features/feature-spec';
import { type RawExamples } from '../features/raw-examples';
import { type PreparedExamples, type PreparedPart } from '../preparation/prepared-examples';
import { seededRandom } from './random';

export const STEPS = 6;

const spec = featureSpecSchema.parse({
  shape: 'EVENTS',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['view'],
  label: { event: 'buy', withinMinutes: 60 },
  features: [
    { type: 'numeric', name: 'age' },
    { type: 'cyclic', name: 'hour', part: 'hourOfDay' },
    { type: 'numeric', name: 'amount', transform: 'log1p' },
    { type: 'categorical', name: 'country' },
  ],
  sequence: {
    maxLength: STEPS,
    fields: [
      { type: 'categorical', name: 'kind' },
      { type: 'elapsed', name: 'since' },
    ],
  },
});

const standard = { median: 0, low: -3, high: 3, mean: 0, std: 1 };
const featureMap: FeatureMap = {
  version: 1,
  spec,
  numeric: [
    { type: 'numeric', name: 'age', transform: 'identity', median: 40, low: 18, high: 80, mean: 45, std: 15 },
    { type: 'cyclic', name: 'hour', period: 24 },
    { type: 'numeric', name: 'amount', transform: 'log1p', ...standard, high: 8, mean: 3, std: 1.5 },
  ],
  categorical: [{ name: 'country', vocabulary: ['de', 'fr', 'it'] }],
  sequence: {
    maxLength: STEPS,
    numeric: [
      { type: 'numeric', name: 'since', transform: 'log1p', median: 5, low: 0, high: 12, mean: 6, std: 3 },
    ],
    categorical: [{ name: 'kind', vocabulary: ['a', 'b', 'c'] }],
  },
};

/** What decides the label of a generated example. */
export interface GeneratedExample {
  /** Kinds of its events, oldest first: one `a`, one `b`, else `c`. */
  readonly kinds: readonly string[];
  /** 18 to 80. */
  readonly age: number;
  readonly uniform: number;
}

/** Whether `a` came before `b`: a task that only order can solve, since every history holds one of each. */
export const orderTask = ({ kinds }: GeneratedExample): boolean => kinds.indexOf('a') < kinds.indexOf('b');

/** Prepared examples in memory, seeded, with missing values and unseen categories. */
export function generatePrepared(
  counts: PreparedExamples['counts'],
  label: (example: GeneratedExample) => boolean,
  seed = 1,
): PreparedExamples {
  const random = seededRandom(seed);
  return {
    counts,
    accounting: {
      rows: 0,
      quarantined: 0,
      later: 0,
      duplicates: 0,
      mended: 0,
      used: 0,
      moments: 0,
      censored: 0,
      embargoed: 0,
      unassigned: 0,
      examples: counts.train + counts.validation + counts.test,
      laterMoments: 0,
    },
    split: generatedSplit(counts),
    quarantined: 0,
    featureMap,
    train: generatePart(counts.train, random, label),
    validation: generatePart(counts.validation, random, label),
    test: generatePart(counts.test, random, label),
    close: () => Promise.resolve(),
  };
}

function generatedSplit({ train, validation, test }: PreparedExamples['counts']): PreparedExamples['split'] {
  const part = (examples: number) => ({ examples, positives: 0, from: null, to: null, entities: null });
  return {
    by: 'stratified',
    seed: 0,
    folds: null,
    fold: null,
    train: part(train),
    validation: part(validation),
    test: part(test),
    embargoed: 0,
    unassigned: 0,
  };
}

function generatePart(
  count: number,
  random: () => number,
  label: (example: GeneratedExample) => boolean,
): PreparedPart {
  const between = (low: number, high: number) => low + random() * (high - low);
  const oneOf = (...choices: string[]) => choices[Math.floor(random() * choices.length)] ?? '';
  const numbers = (length: number) => new Float32Array(length).fill(Number.NaN);
  const age = numbers(count);
  const hour = numbers(count);
  const amount = numbers(count);
  const since = numbers(count * STEPS);
  const lengths = new Int32Array(count);
  const country: string[] = [];
  const kind: string[] = [];
  const labels_N = new Float32Array(count);
  for (let n = 0; n < count; n++) {
    const length = 2 + Math.floor(random() * (STEPS - 1));
    const first = Math.floor(random() * length);
    const second = (first + 1 + Math.floor(random() * (length - 1))) % length;
    const kinds = Array.from({ length }, (_, step) => (step === first ? 'a' : step === second ? 'b' : 'c'));
    kind.push(...kinds, ...Array<string>(STEPS - length).fill(''));
    for (let step = 0; step < length; step++) since[n * STEPS + step] = between(1, 1e5);
    lengths[n] = length;
    const years = between(18, 80);
    age[n] = years;
    hour[n] = between(0, 24);
    amount[n] = random() < 0.2 ? Number.NaN : Math.exp(between(0, 8));
    country.push(oneOf('de', 'fr', 'it', 'xx', ''));
    labels_N[n] = label({ kinds, age: years, uniform: random() }) ? 1 : 0;
  }
  return part(
    {
      count,
      numeric: { age, hour, amount },
      categorical: { country },
      sequence: { maxLength: STEPS, lengths, numeric: { since }, categorical: { kind } },
    },
    labels_N,
  );
}

function part(raw: RawExamples, labels_N: Float32Array): PreparedPart {
  const readRaw = (indices: Int32Array) => Promise.resolve(rows(raw, indices));
  return {
    count: raw.count,
    shape: inputShape(featureMap),
    labels_N,
    entities_N: null,
    span: null,
    ids: () => Array.from(labels_N, (_, n) => `example ${n}`),
    readRaw,
    read: async (indices) => ({
      ...encode(featureMap, await readRaw(indices)),
      labels_N: Float32Array.from(indices, (n) => labels_N[n] ?? 0),
    }),
  };
}

function rows(raw: RawExamples, indices: Int32Array): RawExamples {
  const pickNumbers = (columns: Readonly<Record<string, Float32Array>>, width: number) =>
    mapValues(columns, (column) => {
      const picked = new Float32Array(indices.length * width);
      indices.forEach((n, i) => {
        picked.set(column.subarray(n * width, (n + 1) * width), i * width);
      });
      return picked;
    });
  const pickTexts = (columns: Readonly<Record<string, readonly string[]>>, width: number) =>
    mapValues(columns, (column) =>
      Array.from(indices).flatMap((n) => column.slice(n * width, (n + 1) * width)),
    );
  const { sequence } = raw;
  const picked = {
    count: indices.length,
    numeric: pickNumbers(raw.numeric, 1),
    categorical: pickTexts(raw.categorical, 1),
  };
  if (!sequence) return picked;
  const { maxLength } = sequence;
  return {
    ...picked,
    sequence: {
      maxLength,
      lengths: Int32Array.from(indices, (n) => sequence.lengths[n] ?? 0),
      numeric: pickNumbers(sequence.numeric, maxLength),
      categorical: pickTexts(sequence.categorical, maxLength),
    },
  };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
