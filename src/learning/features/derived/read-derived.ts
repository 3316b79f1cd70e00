import { type FeatureSpec, type StaticFeature } from '../feature-spec';
import { type DerivedFeature } from './derived-feature';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/** Which earlier events a derived feature is about. Times in milliseconds. */
export interface DerivedScope {
  /** The columns that they share with the moment, in ascending order. */
  readonly by: readonly string[];
  /** The subject's column is one of them. */
  readonly ofSubject: boolean;
  /** They are at most so long ago; `null` for all time. */
  readonly windowMs: number | null;
  readonly withinSession: boolean;
  /** They are more than so long ago. */
  readonly delayMs: number;
}

/** The columns that derived features read of every event, by how they read them. The subject's is in neither. */
export interface DerivedColumns {
  readonly numbers: readonly string[];
  readonly texts: readonly string[];
}

export function derivedFeatures(spec: Pick<FeatureSpec, 'features'>): DerivedFeature[] {
  return spec.features.filter((feature: StaticFeature) => feature.type === 'derived');
}

export function scopeOf(
  { subjectColumn }: Pick<FeatureSpec, 'subjectColumn'>,
  feature: DerivedFeature,
): DerivedScope {
  const by = feature.by ?? (subjectColumn === undefined ? [] : [subjectColumn]);
  const windowMinutes =
    feature.withinMinutes ??
    (feature.withinDays === undefined ? undefined : feature.withinDays * DAY_MINUTES);
  return {
    by: [...by].sort(),
    ofSubject: subjectColumn !== undefined && by.includes(subjectColumn),
    windowMs: windowMinutes === undefined ? null : Math.round(windowMinutes * MINUTE_MS),
    withinSession: feature.withinSession === true,
    delayMs: Math.round((feature.delayMinutes ?? 0) * MINUTE_MS),
  };
}

/** What ends a session, in milliseconds. */
export function sessionGapMs({ sessionGapMinutes }: Pick<FeatureSpec, 'sessionGapMinutes'>): number {
  return Math.round((sessionGapMinutes ?? NaN) * MINUTE_MS);
}

export function derivedColumns(spec: FeatureSpec): DerivedColumns {
  const numbers = new Set<string>();
  const texts = new Set<string>();
  for (const feature of derivedFeatures(spec)) {
    for (const column of scopeOf(spec, feature).by) texts.add(column);
    if (readsKind(feature)) texts.add(spec.kindColumn ?? '');
    const value = valueColumnOf(feature);
    if (value) (value.isNumber ? numbers : texts).add(value.name);
  }
  return {
    numbers: [...numbers],
    texts: [...texts].filter((name) => name !== '' && name !== spec.subjectColumn),
  };
}

/** The columns beside the subject's that a feature needs of every event and of the moment, by how it reads them. */
export function columnsOfDerived(
  spec: FeatureSpec,
  feature: DerivedFeature,
): { readonly ofEvents: DerivedColumns; readonly ofMoment: DerivedColumns } {
  const keys = scopeOf(spec, feature).by.filter((name) => name !== spec.subjectColumn);
  const value = valueColumnOf(feature);
  const number = value?.isNumber ? [value.name] : [];
  const kind = readsKind(feature) && spec.kindColumn !== undefined ? [spec.kindColumn] : [];
  return {
    ofEvents: {
      numbers: number,
      texts: [...new Set([...keys, ...kind, ...(value && !value.isNumber ? [value.name] : [])])],
    },
    ofMoment: { numbers: feature.aggregate === 'position' ? number : [], texts: keys },
  };
}

/** The column whose values are aggregated. */
export function valueColumnOf(
  feature: DerivedFeature,
): { readonly name: string; readonly isNumber: boolean } | null {
  return 'column' in feature
    ? { name: feature.column, isNumber: feature.aggregate !== 'countDistinct' }
    : null;
}

const readsKind = (feature: DerivedFeature): boolean =>
  feature.aggregate === 'rate' || ('kinds' in feature && feature.kinds !== undefined);

/** The feature's prior rate is not given, but known from all events before the moment. */
export function needsPrior(feature: DerivedFeature): boolean {
  return feature.aggregate === 'rate' && feature.prior !== undefined && feature.prior.rate === undefined;
}
