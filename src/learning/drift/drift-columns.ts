import { isCompound, rawWidth } from '../features/compound';
import {
  type FeatureSpec,
  holdsCategories,
  type SequenceField,
  type StaticFeature,
} from '../features/feature-spec';
import { type RawExamples } from '../features/raw-examples';

/** What is compared: a feature, the length of the history, a field over the events of the history, or the probability. */
export const DRIFT_PARTS = ['FEATURE', 'LENGTH', 'FIELD', 'SCORE'] as const;
export type DriftPart = (typeof DRIFT_PARTS)[number];

/** An input of a model, as drift looks at it. */
export interface DriftColumn {
  readonly part: Exclude<DriftPart, 'SCORE'>;
  readonly name: string;
  readonly isText: boolean;
  /** Raw values of one example or event. */
  readonly width: number;
}

/** The length of the history has no name of its own. */
const LENGTH = 'history';

/**
 * The inputs that are compared. Hours and days of the moment are not among them: they say when was asked, and differ
 * over any span that is not whole weeks.
 */
export function driftColumns({ features, sequence }: FeatureSpec): DriftColumn[] {
  const column = (part: 'FEATURE' | 'FIELD', field: StaticFeature | SequenceField): DriftColumn => ({
    part,
    name: field.name,
    isText: holdsCategories(field),
    width: isCompound(field) ? rawWidth(field) : 1,
  });
  const columns = features
    .filter(({ type }) => type !== 'cyclic')
    .map((feature) => column('FEATURE', feature));
  if (!sequence) return columns;
  return [
    ...columns,
    { part: 'LENGTH', name: LENGTH, isText: false, width: 1 },
    ...sequence.fields.map((field) => column('FIELD', field)),
  ];
}

/**
 * Visits a column's values, example by example. What is missing is NaN or ''. Of several values of an example or event
 * each is visited, and of none one that is missing.
 */
export function visitColumn(
  { part, name, isText, width }: DriftColumn,
  raw: RawExamples,
  visit: (value: number | string, example: number) => void,
): void {
  const { sequence } = raw;
  if (part === 'LENGTH') {
    sequence?.lengths.forEach((length, example) => {
      visit(length, example);
    });
    return;
  }
  const of = part === 'FIELD' ? sequence : raw;
  const values = (isText ? of?.categorical : of?.numeric)?.[name];
  if (!values) return;
  const steps = part === 'FIELD' ? (sequence?.maxLength ?? 0) : 1;
  for (let example = 0; example < raw.count; example++) {
    const length = part === 'FIELD' ? (sequence?.lengths[example] ?? 0) : 1;
    for (let step = 0; step < length; step++) {
      const first = (example * steps + step) * width;
      let found = 0;
      for (let slot = first; slot < first + width; slot++) {
        const value = values[slot] ?? NaN;
        if (isMissing(value)) continue;
        visit(value, example);
        found++;
      }
      if (found === 0) visit(isText ? '' : NaN, example);
    }
  }
}

export const isMissing = (value: number | string): boolean => value === '' || Number.isNaN(value);
