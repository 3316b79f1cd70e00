import { isCompound } from './compound';
import { derivedColumns } from './derived/read-derived';
import { type FeatureSpec } from './feature-spec';
import { eventLabelOf } from './label-spec';

type ColumnFeature = {
  readonly type: string;
  readonly name: string;
  readonly column?: string | undefined;
  readonly columns?: readonly string[] | undefined;
};

/** The column that a numeric or categorical feature or field of events reads. */
export const columnOf = (feature: ColumnFeature): string => feature.column ?? feature.name;

/** The columns that a numeric or categorical feature or field reads: many where it is a row's history. */
export const columnsOf = (feature: ColumnFeature): readonly string[] =>
  feature.columns ?? [columnOf(feature)];

/** The names of all columns that a spec reads, those of entities with them. */
export function readColumns(spec: FeatureSpec): Set<string> {
  const names = [spec.idColumn, spec.subjectColumn, spec.timeColumn, spec.kindColumn, spec.split?.column];
  if ('column' in spec.label) names.push(spec.label.column);
  names.push(conditionColumn(spec), sessionColumn(spec));
  for (const feature of [...spec.features, ...(spec.sequence?.fields ?? [])])
    if (feature.type === 'numeric' || feature.type === 'categorical' || isCompound(feature))
      names.push(...columnsOf(feature));
  const derived = derivedColumns(spec);
  names.push(...derived.numbers, ...derived.texts);
  return new Set(names.filter((name) => name != null));
}

/** The column of an event that must hold something for the label. */
export function conditionColumn({ label }: FeatureSpec): string | undefined {
  return eventLabelOf(label)?.where?.column;
}

/** The column of the sessions, where it is read. */
export function sessionColumn(spec: FeatureSpec): string | undefined {
  const isRead = eventLabelOf(spec.label)?.windowMs === null || spec.momentEvent?.of === 'session';
  return isRead ? spec.sessionColumn : undefined;
}
