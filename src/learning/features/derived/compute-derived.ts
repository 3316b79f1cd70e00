import { canonicalCategory } from '../category';
import { type FeatureSpec } from '../feature-spec';
import { type DerivedFeature } from './derived-feature';
import { derivedFeatures, needsPrior, scopeOf, sessionGapMs } from './read-derived';

/** A moment, and values by the names of the file's columns: numbers as numbers. What is no text, number or boolean is missing. */
export interface DerivedEvent {
  readonly at: Date;
  readonly values: Readonly<Record<string, unknown>>;
}

/** The rates of all earlier events of all subjects, by feature, where a prior needs them. */
export type PriorRates = Readonly<Record<string, number>>;

interface Timed {
  readonly ms: number;
  readonly values: DerivedEvent['values'];
}

/**
 * The derived features of a moment that follow from its subject's own events, all of them in any order: those by the
 * subject, alone or with other columns. Events at or after the moment are passed over, events of one moment keep the
 * order given. The same numbers as preparation gives for a file with these events.
 *
 * @param moment its values hold the columns that features are `by`, and those whose `position` is wanted
 * @returns by name, as float32; NaN is missing, also what needs other subjects' events
 */
export function computeDerived(
  spec: FeatureSpec,
  events: readonly DerivedEvent[],
  moment: DerivedEvent & { readonly priorRates?: PriorRates },
): Record<string, number> {
  const atMs = moment.at.getTime();
  const past = events
    .map(({ at, values }) => ({ ms: at.getTime(), values }))
    .filter(({ ms }) => ms < atMs)
    .sort((a, b) => a.ms - b.ms);
  const sessions = sessionsOf(past, sessionGapMs(spec));
  const last = past.length - 1;
  const isInSession = last >= 0 && atMs - (past[last]?.ms ?? NaN) <= sessionGapMs(spec);
  const sessionStart = isInSession ? (sessions[last] ?? Infinity) : Infinity;
  const result: Record<string, number> = {};
  for (const feature of derivedFeatures(spec)) {
    const scope = scopeOf(spec, feature);
    const keys = scope.by.filter((column) => column !== spec.subjectColumn);
    const wanted = keys.map((column) => textOf(moment.values, column));
    if (!scope.ofSubject || wanted.includes(null)) {
      result[feature.name] = NaN;
      continue;
    }
    const from = scope.withinSession ? sessionStart : atMs - (scope.windowMs ?? Infinity);
    const until = atMs - scope.delayMs;
    const picked: Array<Timed & { readonly session: number }> = [];
    past.forEach(({ ms, values }, index) => {
      if (ms >= from && ms < until && keys.every((column, k) => textOf(values, column) === wanted[k]))
        picked.push({ ms, values, session: sessions[index] ?? NaN });
    });
    const prior = own(moment.priorRates ?? {}, feature.name);
    result[feature.name] = float32(aggregate({ spec, feature, picked, moment, atMs, prior }));
  }
  return result;
}

/** The moment at which each event's session began. */
function sessionsOf(past: readonly Timed[], gapMs: number): Float64Array {
  const starts = new Float64Array(past.length);
  past.forEach(({ ms }, index) => {
    const previous = past[index - 1];
    starts[index] = previous && ms - previous.ms <= gapMs ? (starts[index - 1] ?? ms) : ms;
  });
  return starts;
}

interface Picked {
  readonly spec: FeatureSpec;
  readonly feature: DerivedFeature;
  /** By time. */
  readonly picked: ReadonlyArray<Timed & { readonly session: number }>;
  readonly moment: DerivedEvent;
  readonly atMs: number;
  readonly prior: unknown;
}

function aggregate({ spec, feature, picked, moment, atMs, prior }: Picked): number {
  const ofKinds = (kinds: readonly string[] | undefined) => {
    if (!kinds) return picked;
    const wanted = new Set(kinds.map(canonicalCategory));
    return picked.filter(({ values }) => wanted.has(textOf(values, spec.kindColumn ?? '') ?? ''));
  };
  switch (feature.aggregate) {
    case 'count':
      return ofKinds(feature.kinds).length;
    case 'sessions':
      return new Set(ofKinds(feature.kinds).map(({ session }) => session)).size;
    case 'secondsSinceLast':
      return (atMs - (ofKinds(feature.kinds).at(-1)?.ms ?? NaN)) / 1000;
    case 'secondsSinceFirst':
      return (atMs - (ofKinds(feature.kinds)[0]?.ms ?? NaN)) / 1000;
    case 'meanGapSeconds': {
      const matching = ofKinds(feature.kinds);
      const [first, last] = [matching[0], matching.at(-1)];
      return first && last && matching.length > 1 ? (last.ms - first.ms) / (matching.length - 1) / 1000 : NaN;
    }
    case 'countDistinct':
      return new Set(ofKinds(feature.kinds).flatMap(({ values }) => textOf(values, feature.column) ?? []))
        .size;
    case 'rate': {
      const [of, among] = [ofKinds(feature.of).length, ofKinds(feature.among).length];
      if (!feature.prior) return among > 0 ? of / among : NaN;
      const rate = needsPrior(feature) ? prior : feature.prior.rate;
      const { strength } = feature.prior;
      return typeof rate === 'number' ? (of + strength * rate) / (among + strength) : NaN;
    }
    case 'position': {
      const own = numberOf(moment.values, feature.column);
      const values = numbersOf(picked, feature.column);
      if (Number.isNaN(own) || values.length === 0) return NaN;
      const smaller = values.filter((value) => value < own).length;
      const greater = values.filter((value) => value > own).length;
      return (values.length + smaller - greater) / (2 * values.length);
    }
    default: {
      const matching = ofKinds(feature.kinds);
      const values = numbersOf(matching, feature.column);
      if (feature.aggregate === 'sum' && matching.length === 0) return 0;
      return values.length === 0 ? NaN : ofNumbers(feature.aggregate, values);
    }
  }
}

function ofNumbers(kind: 'sum' | 'mean' | 'min' | 'max' | 'last', values: readonly number[]): number {
  const sum = () => values.reduce((total, value) => total + value, 0);
  switch (kind) {
    case 'sum':
      return sum();
    case 'mean':
      return sum() / values.length;
    case 'min':
      return values.reduce((least, value) => Math.min(least, value));
    case 'max':
      return values.reduce((most, value) => Math.max(most, value));
    case 'last':
      return values.at(-1) ?? NaN;
  }
}

function numbersOf(events: readonly Timed[], column: string): number[] {
  return events.map(({ values }) => numberOf(values, column)).filter((value) => !Number.isNaN(value));
}

/** As float32, because that is what a file's numbers become. */
function numberOf(values: DerivedEvent['values'], column: string): number {
  const value = own(values, column);
  return typeof value === 'number' ? Math.fround(value) : NaN;
}

function textOf(values: DerivedEvent['values'], column: string): string | null {
  const value = own(values, column);
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return null;
  return value === '' ? null : canonicalCategory(String(value));
}

/** A column may be called `constructor`. */
function own(values: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

const FLOAT32_MAX = 3.402_823_466_385_288_6e38;

/** Sums beyond what float32 holds stay at its end. */
function float32(value: number): number {
  return Math.fround(Math.min(Math.max(value, -FLOAT32_MAX), FLOAT32_MAX));
}
