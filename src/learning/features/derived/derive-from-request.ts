import { type FeatureSpec } from '../feature-spec';
import { type ExampleRecord, type FeatureValue } from '../raw-from-records';
import { computeDerived } from './compute-derived';
import { type DerivedColumns, columnsOfDerived, derivedFeatures, needsPrior, scopeOf } from './read-derived';

/** A file's column, and the name that a request has its values by. */
interface Reader {
  readonly column: string;
  readonly name: string;
}

/** How a request's values stand for a file's columns. */
interface RequestReading {
  /** The spec with no derived features but those that a history in a request is enough for. */
  readonly spec: FeatureSpec;
  readonly ofEvents: readonly Reader[];
  readonly ofMoment: readonly Reader[];
  readonly momentColumns: ReadonlySet<string>;
}

const readings = new WeakMap<FeatureSpec, RequestReading>();

/**
 * Columns that derived features need of the moment, and no other feature reads: a request gives them among its features,
 * by the columns' own names.
 */
export function momentColumnsOf(spec: FeatureSpec): ReadonlySet<string> {
  return readingOf(spec).momentColumns;
}

/**
 * The derived features that follow from a record's own history, where it has one: those by the subject, of columns that
 * are fields of the sequence. The history counts as complete, as far back as the features look.
 */
export function deriveFromRequest(
  spec: FeatureSpec,
  { features, history }: Pick<ExampleRecord, 'features' | 'history'>,
  at: Date,
): Readonly<Record<string, number>> {
  const reading = readingOf(spec);
  if (!history || reading.spec.features.length === 0) return {};
  const events = history.map((event) => ({
    at: event.at ?? new Date(NaN),
    values: byColumn(reading.ofEvents, event.values),
  }));
  return computeDerived(reading.spec, events, { at, values: byColumn(reading.ofMoment, features) });
}

/** What a request's features say of the moment, by the columns that derived features read of it. */
export function momentValuesOf(
  spec: FeatureSpec,
  features: ExampleRecord['features'],
): Readonly<Record<string, FeatureValue>> {
  return byColumn(readingOf(spec).ofMoment, features);
}

function byColumn(
  readers: readonly Reader[],
  values: Readonly<Record<string, FeatureValue>>,
): Record<string, OneValue> {
  // Columns are called as a file's author pleases, __proto__ not excluded.
  const result = Object.create(null) as Record<string, OneValue>;
  for (const { column, name } of readers) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    // A list is no number and no category, and is refused as such.
    if (value !== undefined && (value === null || typeof value !== 'object')) result[column] = value;
  }
  return result;
}

type OneValue = Exclude<FeatureValue, object>;

function readingOf(spec: FeatureSpec): RequestReading {
  let reading = readings.get(spec);
  if (!reading) {
    reading = read(spec);
    readings.set(spec, reading);
  }
  return reading;
}

function read(spec: FeatureSpec): RequestReading {
  const names = new Set(spec.features.map(({ name }) => name));
  const [fields, features] = [readersOf(spec.sequence?.fields ?? []), readersOf(spec.features)];
  const ofMoment = [...features.texts, ...features.numbers];
  const momentColumns = new Set<string>();
  const derivable = derivedFeatures(spec).filter((feature) => {
    const columns = columnsOfDerived(spec, feature);
    for (const { column, kind } of listed(columns.ofMoment)) {
      if (hasColumn(features[kind], column) || momentColumns.has(column) || names.has(column)) continue;
      momentColumns.add(column);
      ofMoment.push({ column, name: column });
    }
    return (
      scopeOf(spec, feature).ofSubject &&
      !needsPrior(feature) &&
      listed(columns.ofEvents).every(({ column, kind }) => hasColumn(fields[kind], column))
    );
  });
  return {
    spec: { ...spec, features: derivable },
    // A number stands for its text, too, but no text for its number.
    ofEvents: [...fields.texts, ...fields.numbers],
    ofMoment,
    momentColumns,
  };
}

type Features = ReadonlyArray<
  FeatureSpec['features'][number] | NonNullable<FeatureSpec['sequence']>['fields'][number]
>;

function readersOf(features: Features): Record<keyof DerivedColumns, Reader[]> {
  const of = (type: 'numeric' | 'categorical') =>
    features.flatMap((feature) =>
      feature.type === type ? [{ column: feature.column ?? feature.name, name: feature.name }] : [],
    );
  return { numbers: of('numeric'), texts: of('categorical') };
}

const hasColumn = (readers: readonly Reader[], column: string): boolean =>
  readers.some((reader) => reader.column === column);

const listed = (columns: DerivedColumns): Array<{ column: string; kind: keyof DerivedColumns }> =>
  (['numbers', 'texts'] as const).flatMap((kind) => columns[kind].map((column) => ({ column, kind })));
