import { canonicalCategory } from '../../../learning/features/category';
import { type DerivedEvent, type PriorRates } from '../../../learning/features/derived/compute-derived';
import { type DerivedFeature } from '../../../learning/features/derived/derived-feature';
import { needsPrior, scopeOf } from '../../../learning/features/derived/read-derived';
import { FLOAT32_MAX } from '../../../learning/features/cell-text';
import { type FeatureSpec } from '../../../learning/features/feature-spec';
import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { priorRates } from '../prior-rates';
import { ALL_EVENTS, definitionOf, indexOf, keyedFeatures, keyOf, sourcesOf } from './event-index';
import {
  aggregatesByKind,
  type KeyQuestion,
  type KindAggregate,
  lastNumbers,
  type Spread,
  spreads,
} from './key-aggregates';

/** A moment, and what is known of it by the columns that derived features read. */
export interface KeyedQuestion {
  readonly before: Date;
  readonly values: DerivedEvent['values'];
}

export interface AskedValues {
  readonly spec: FeatureSpec;
  readonly question: KeyedQuestion;
}

/** A feature that can be looked up, for one of those who asked. */
interface Wanted {
  readonly asker: number;
  readonly feature: DerivedFeature;
  readonly question: KeyQuestion;
  readonly kinds: readonly string[] | null;
  /** The moment's own number, where it is to be placed. */
  readonly number: number;
  readonly atMs: number;
}

/** The features by other keys than the subject, of many moments at once: a few statements in all. */
export async function keyedValues(
  scope: TenantScope,
  {
    domain,
    ids,
    asked,
  }: {
    readonly domain: string;
    /** Of complete indexes, by definition. */
    readonly ids: ReadonlyMap<string, number>;
    readonly asked: readonly AskedValues[];
  },
): Promise<Array<Readonly<Record<string, number | null>>>> {
  const wanted = asked.flatMap(({ spec, question }, asker) =>
    keyedFeatures(spec).flatMap((feature) => wantedOf(spec, feature, { asker, question, ids }) ?? []),
  );
  const isSpread = ({ feature: { aggregate } }: Wanted) =>
    aggregate === 'position' || aggregate === 'countDistinct';
  const spread = wanted.filter(isSpread);
  const last = wanted.filter(({ feature }) => feature.aggregate === 'last');
  const counted = wanted.filter((one) => !isSpread(one) && one.feature.aggregate !== 'last');
  const flat = ({ question, kinds, number }: Wanted) => ({
    ...question,
    kinds,
    number: Number.isNaN(number) ? null : number,
  });
  const aggregates = await aggregatesByKind(scope, counted.map(flat));
  const places = await spreads(scope, spread.map(flat));
  const lasts = await lastNumbers(scope, last.map(flat));
  const rates = await ratesOf(scope, { domain, ids }, asked);

  const answers = asked.map(({ spec }): Record<string, number | null> =>
    Object.fromEntries(keyedFeatures(spec).map(({ name }) => [name, null])),
  );
  const put = ({ asker, feature }: Wanted, value: number | null) => {
    const answer = answers[asker];
    if (answer && value !== null && !Number.isNaN(value)) answer[feature.name] = float32(value);
  };
  counted.forEach((one, i) =>
    put(one, ofKinds(one, aggregates[i] ?? [], rates[one.asker]?.[one.feature.name])),
  );
  spread.forEach((one, i) => put(one, ofSpread(one, places[i] ?? null)));
  last.forEach((one, i) => put(one, lasts[i] ?? null));
  return answers;
}

/** The prior rates of each that asks; of one moment, they are read once. */
async function ratesOf(
  scope: TenantScope,
  { domain, ids }: { readonly domain: string; readonly ids: ReadonlyMap<string, number> },
  asked: readonly AskedValues[],
): Promise<PriorRates[]> {
  const indexId = ids.get(definitionOf(ALL_EVENTS));
  const read = new Map<FeatureSpec, Map<number, PriorRates>>();
  const rates: PriorRates[] = [];
  for (const { spec, question } of asked) {
    const ofSpec = read.get(spec) ?? new Map<number, PriorRates>();
    read.set(spec, ofSpec);
    const before = question.before;
    const needed = keyedFeatures(spec).filter(needsPrior);
    const known =
      ofSpec.get(before.getTime()) ??
      (needed.length > 0
        ? await priorRates(scope, { domain, spec: { ...spec, features: needed }, before, indexId })
        : {});
    ofSpec.set(before.getTime(), known);
    rates.push(known);
  }
  return rates;
}

function wantedOf(
  spec: FeatureSpec,
  feature: DerivedFeature,
  {
    asker,
    question: { before, values },
    ids,
  }: {
    readonly asker: number;
    readonly question: KeyedQuestion;
    readonly ids: ReadonlyMap<string, number>;
  },
): Wanted | null {
  const index = indexOf(spec, feature);
  const indexId = index ? ids.get(definitionOf(index)) : undefined;
  const { by, windowMs, delayMs } = scopeOf(spec, feature);
  const key = keyOf((sourcesOf(spec, by) ?? []).map(({ column }) => textOf(values, column)));
  if (indexId === undefined || key === null) return null;
  const atMs = before.getTime();
  const own = feature.aggregate === 'position' ? valueOf(values, feature.column) : undefined;
  return {
    asker,
    feature,
    question: { indexId, key, from: atMs - (windowMs ?? Infinity), until: atMs - delayMs },
    kinds: kindsOf(feature)?.map(canonicalCategory) ?? null,
    number: typeof own === 'number' ? Math.fround(own) : NaN,
    atMs,
  };
}

function kindsOf(feature: DerivedFeature): readonly string[] | undefined {
  return feature.aggregate === 'rate'
    ? [...feature.of, ...feature.among]
    : 'kinds' in feature
      ? feature.kinds
      : undefined;
}

/** As `computeDerived` has it of events. */
function ofKinds(
  { feature, atMs }: Wanted,
  kinds: readonly KindAggregate[],
  prior: number | undefined,
): number {
  const total = (key: 'count' | 'numbers' | 'sum', among: readonly KindAggregate[] = kinds) =>
    among.reduce((sum, kind) => sum + kind[key], 0);
  const first = Math.min(...kinds.map(({ firstMs }) => firstMs));
  const last = Math.max(...kinds.map(({ lastMs }) => lastMs));
  const numbers = total('numbers');
  switch (feature.aggregate) {
    case 'count':
      return total('count');
    case 'secondsSinceLast':
      return kinds.length > 0 ? (atMs - last) / 1000 : NaN;
    case 'secondsSinceFirst':
      return kinds.length > 0 ? (atMs - first) / 1000 : NaN;
    case 'meanGapSeconds':
      return total('count') > 1 ? (last - first) / (total('count') - 1) / 1000 : NaN;
    case 'sum':
      return total('count') === 0 ? 0 : numbers > 0 ? total('sum') : NaN;
    case 'mean':
      return numbers > 0 ? total('sum') / numbers : NaN;
    case 'min':
      return numbers > 0 ? Math.min(...kinds.map(({ min }) => min ?? Infinity)) : NaN;
    case 'max':
      return numbers > 0 ? Math.max(...kinds.map(({ max }) => max ?? -Infinity)) : NaN;
    case 'rate': {
      const counted = (names: readonly string[]) => {
        const wanted = new Set(names.map(canonicalCategory));
        return total(
          'count',
          kinds.filter(({ kind }) => wanted.has(kind)),
        );
      };
      const [of, among] = [counted(feature.of), counted(feature.among)];
      if (!feature.prior) return among > 0 ? of / among : NaN;
      const { strength, rate = prior ?? NaN } = feature.prior;
      return (of + strength * rate) / (among + strength);
    }
    // Sessions are of a subject; the others are no aggregates by kind.
    default:
      return NaN;
  }
}

function ofSpread({ feature, number }: Wanted, spread: Spread | null): number | null {
  if (spread === null) return null;
  if (feature.aggregate === 'countDistinct') return spread.distinct;
  if (Number.isNaN(number) || spread.total === 0) return null;
  return (spread.total + spread.smaller - spread.greater) / (2 * spread.total);
}

/** Columns are called as a file's author pleases. */
const valueOf = (values: DerivedEvent['values'], column: string): unknown =>
  Object.hasOwn(values, column) ? values[column] : undefined;

function textOf(values: DerivedEvent['values'], column: string): string | null {
  const value = valueOf(values, column);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : null;
}

/** Sums beyond what float32 holds stay at its end. */
function float32(value: number): number {
  return Math.fround(Math.min(Math.max(value, -FLOAT32_MAX), FLOAT32_MAX));
}
