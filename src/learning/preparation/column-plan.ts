import { AppError } from '../../errors';
import { type Cell, cellOf, type CompoundFeature, isCompound } from '../features/compound';
import { derivedColumns } from '../features/derived/read-derived';
import { columnsOfEntities, entityOf } from '../features/entities/entity-spec';
import { type FeatureSpec } from '../features/feature-spec';
import { columnOf, columnsOf, conditionColumn, readColumns, sessionColumn } from '../features/read-columns';

export { columnOf, columnsOf, conditionColumn, sessionColumn } from '../features/read-columns';

/** A column of the file. */
export interface FileColumn {
  readonly name: string;
  /** 0-based position; DuckDB knows it as `c<index>`, so that names from files never reach SQL. */
  readonly index: number;
}

export interface ValueColumn extends FileColumn {
  /** Read only where the row is a moment of prediction: no history shows it. */
  readonly momentsOnly: boolean;
}

/** A column with the cells of a compound feature, and how they are read. */
export interface CompoundValue extends ValueColumn {
  readonly cell: Cell;
}

/** Which columns of the file a spec reads, and as what. */
export interface ColumnPlan {
  readonly label: FileColumn | null;
  readonly id: FileColumn | null;
  /** EVENTS: whose event it is. TABLE: the entity that the split is by. */
  readonly subject: FileColumn | null;
  readonly time: FileColumn | null;
  readonly kind: FileColumn | null;
  /** EVENTS, where moments or the label are of a session. */
  readonly session: FileColumn | null;
  /** What an event must hold to decide the label. */
  readonly condition: FileColumn | null;
  readonly numeric: readonly ValueColumn[];
  readonly categorical: readonly ValueColumn[];
  readonly compound: readonly CompoundValue[];
  /** EVENTS: read as texts of every event, for derived features alone. */
  readonly eventTexts: readonly FileColumn[];
  /** Columns of entities: after the file's own, by entity in the order of the spec. */
  readonly joined: ReadonlyArray<readonly FileColumn[]>;
  /** By entity: the column that it is looked up with. */
  readonly keys: readonly FileColumn[];
}

/** The names of all columns of the file itself that a spec reads. */
export function wantedColumns(spec: FeatureSpec): Set<string> {
  const own = [...readColumns(spec)].filter((name) => entityOf(spec, name) === null);
  return new Set([...own, ...(spec.entities ?? []).map(({ key }) => key)]);
}

/** A file's columns, and where their names are from. */
export interface FileColumns {
  readonly header: readonly string[];
  readonly hasHeader: boolean;
}

/**
 * Finds the spec's columns among a file's.
 * @throws AppError INVALID_DATA naming the columns that are missing or ambiguous, and those that are there;
 *   INVALID_CONFIGURATION when a feature is the label itself.
 */
export function planColumns(spec: FeatureSpec, { header: own, hasHeader }: FileColumns): ColumnPlan {
  refuseLabelAsFeature(spec);
  refuseMissing([...wantedColumns(spec)], own, hasHeader);
  const ofEntities = columnsOfEntities(spec, readColumns(spec)).map(({ columns }) => columns);
  const others = ofEntities.flat();
  const header = [...own.map((name) => (others.includes(name) ? `${name} (not read)` : name)), ...others];
  const find = (name: string | undefined): FileColumn | null =>
    name == null ? null : { name, index: header.indexOf(name) };
  const inHistory = spec.sequence?.fields ?? [];
  const derived = derivedColumns(spec);
  const values = (type: 'numeric' | 'categorical'): ValueColumn[] => {
    const always = new Set([
      ...inHistory.filter((field) => field.type === type).flatMap(columnsOf),
      ...(type === 'numeric' ? derived.numbers : []),
    ]);
    const names = new Set([
      ...spec.features.filter((feature) => feature.type === type).map(columnOf),
      ...always,
    ]);
    return [...names].map((name) => ({
      name,
      index: header.indexOf(name),
      momentsOnly: spec.shape === 'EVENTS' && spec.momentDates === undefined && !always.has(name),
    }));
  };
  return {
    label: find('column' in spec.label ? spec.label.column : undefined),
    id: find(spec.idColumn),
    subject: find(spec.shape === 'EVENTS' ? spec.subjectColumn : spec.split?.column),
    time: find(spec.timeColumn),
    kind: spec.shape === 'EVENTS' ? find(spec.kindColumn) : null,
    session: find(sessionColumn(spec)),
    condition: find(conditionColumn(spec)),
    numeric: values('numeric'),
    categorical: values('categorical'),
    compound: compoundValues(spec, header),
    eventTexts: derived.texts.map((name) => ({ name, index: header.indexOf(name) })),
    joined: ofEntities.map((names) => names.map((name) => ({ name, index: header.indexOf(name) }))),
    keys: (spec.entities ?? []).map(({ key }) => ({ name: key, index: header.indexOf(key) })),
  };
}

/** Each column once for each way of reading it. */
function compoundValues(spec: FeatureSpec, header: readonly string[]): CompoundValue[] {
  const keyOf = (feature: CompoundFeature) => JSON.stringify([columnOf(feature), cellOf(feature)]);
  const fields = (spec.sequence?.fields ?? []).filter((field) => isCompound(field));
  const always = new Set(fields.map(keyOf));
  const found = new Map<string, CompoundValue>();
  for (const feature of [...spec.features.filter((candidate) => isCompound(candidate)), ...fields]) {
    const [name, key] = [columnOf(feature), keyOf(feature)];
    const momentsOnly = spec.shape === 'EVENTS' && spec.momentDates === undefined && !always.has(key);
    found.set(key, { name, index: header.indexOf(name), momentsOnly, cell: cellOf(feature) });
  }
  return [...found.values()];
}

function refuseMissing(wanted: readonly string[], header: readonly string[], hasHeader: boolean): void {
  const there = header.slice(0, 50).map((name) => JSON.stringify(name));
  const place = hasHeader ? 'Its header has' : 'It has no header; its columns are';
  const shown = `${there.join(', ')}${header.length > there.length ? ', …' : ''}`;
  const missing = wanted.filter((name) => !header.includes(name));
  if (missing.length > 0)
    throw new AppError(
      'INVALID_DATA',
      `The file lacks ${plural(missing)} ${missing.join(', ')}. ${place} ${shown}.`,
      missing.map((name) => ({ path: name, message: 'is not in the header' })),
    );
  const twice = wanted.filter((name) => header.indexOf(name) !== header.lastIndexOf(name));
  if (twice.length > 0)
    throw new AppError(
      'INVALID_DATA',
      `The header has ${plural(twice)} ${twice.join(', ')} more than once: rename all but one.`,
      twice.map((name) => ({ path: name, message: 'is in the header more than once' })),
    );
}

function refuseLabelAsFeature(spec: FeatureSpec): void {
  if (!('column' in spec.label)) return;
  const { column } = spec.label;
  const places = [
    ...spec.features.map((feature) => ({ feature, path: `features.${feature.name}` })),
    // The label of EVENTS is of the moment's own event, which its history does not hold.
    ...(spec.shape === 'TABLE' ? (spec.sequence?.fields ?? []) : []).map((feature) => ({
      feature,
      path: `sequence.fields.${feature.name}`,
    })),
  ];
  const leak = places.find(
    ({ feature }) =>
      (feature.type === 'numeric' || feature.type === 'categorical' || isCompound(feature)) &&
      columnsOf(feature).includes(column),
  );
  if (leak)
    throw new AppError(
      'INVALID_CONFIGURATION',
      `The feature ${leak.feature.name} reads the label's column ${column}: it would know the answer. Leave it out.`,
      [{ path: leak.path, message: 'reads the label' }],
    );
}

const plural = (names: readonly string[]): string => (names.length === 1 ? 'the column' : 'the columns');
