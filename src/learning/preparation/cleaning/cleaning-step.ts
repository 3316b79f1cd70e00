import { isCompound } from '../../features/compound';
import { type CategoryCleaning, type MomentCleaning, type NumberCleaning } from '../../features/cleaning';
import { TIME_FORMATS } from '../../features/time-formats';
import { type FeatureSpec, type SequenceField, type StaticFeature } from '../../features/feature-spec';
import { entityOf } from '../../features/entities/entity-spec';
import { endAfter } from '../../features/stored-spec';
import { columnOf } from '../column-plan';
import { type ColumnMapping, sourceOf } from '../mapping/column-mapping';
import { mendCompound } from './mend-compound';
import { mergeSpellings, union } from './merge-cleaning';

/** In the order in which they are applied. */
export const CLEANING_KINDS = [
  'READ_TIME_FORMAT',
  'DROP_LATER_ROWS',
  'DROP_DUPLICATES',
  'KEEP_LAST_OF_ID',
  'MERGE_SPELLINGS',
  'TREAT_AS_MISSING',
  'TREAT_ZEROS_AS_MISSING',
  'TREAT_OTHER_LENGTHS_AS_MISSING',
  'CLIP',
  'MERGE_RARE',
  'FILL_MISSING',
] as const;
export type CleaningKind = (typeof CLEANING_KINDS)[number];

/** One thing to be mended, with all that it takes. Columns are the file's own. Plain JSON. */
export type CleaningStep =
  | { readonly kind: 'READ_TIME_FORMAT'; readonly column: string; readonly format: string }
  /** The last moment that is kept. */
  | { readonly kind: 'DROP_LATER_ROWS'; readonly until: string }
  | { readonly kind: 'DROP_DUPLICATES' }
  /** Of the rows of an entity that have the same id (and moment) the last of the file. */
  | { readonly kind: 'KEEP_LAST_OF_ID' }
  | {
      readonly kind: 'MERGE_SPELLINGS';
      readonly column: string;
      readonly spellings: ReadonlyArray<readonly [from: string, to: string]>;
      /** Whether each value of a set is meant, and not the cell. */
      readonly ofSet?: true;
    }
  /** A number's code as text, or exact spellings of one word. */
  | {
      readonly kind: 'TREAT_AS_MISSING';
      readonly column: string;
      readonly values: readonly string[];
      readonly ofSet?: true;
    }
  /** Vectors of zeros alone; vectors of another length than the specification says. */
  | { readonly kind: 'TREAT_ZEROS_AS_MISSING' | 'TREAT_OTHER_LENGTHS_AS_MISSING'; readonly column: string }
  | { readonly kind: 'CLIP'; readonly column: string; readonly low: number; readonly high: number }
  | {
      readonly kind: 'MERGE_RARE';
      readonly column: string;
      readonly keep: readonly string[];
      readonly other: string;
      readonly ofSet?: true;
    }
  | { readonly kind: 'FILL_MISSING'; readonly column: string; readonly value: string };

/** The column that a step is about; null where it is about whole rows. */
export function columnOfStep(step: CleaningStep): string | null {
  return 'column' in step ? step.column : null;
}

/** Steps in the order in which they are applied, whatever the order of their acceptance. */
export function inOrder<T extends { readonly step: CleaningStep }>(steps: readonly T[]): T[] {
  const place = ({ step }: T) =>
    CLEANING_KINDS.indexOf(step.kind) * 100 +
    (step.kind === 'READ_TIME_FORMAT' ? TIME_FORMATS.findIndex((format) => format === step.format) : 0);
  return [...steps].sort((a, b) => place(a) - place(b));
}

/** Whether a step changes anything of what the spec reads from a file that is mapped so. */
export function applies(spec: FeatureSpec, mapping: ColumnMapping, step: CleaningStep): boolean {
  return JSON.stringify(applySteps(spec, mapping, [step])) !== JSON.stringify(spec);
}

/** The spec with steps added to what it says itself, which comes first; what does not apply is passed over. */
export function applySteps(
  spec: FeatureSpec,
  mapping: ColumnMapping,
  steps: readonly CleaningStep[],
): FeatureSpec {
  // A column of an entity is mended in its own file.
  const source: SourceOf = (column) => (entityOf(spec, column) ? null : sourceOf(mapping, column));
  return steps.reduce((mended, step) => applyStep(mended, source, step), spec);
}

/** What the file that is mended calls a column that the spec reads; null for one of another file. */
export type SourceOf = (column: string) => string | null;

function applyStep(spec: FeatureSpec, source: SourceOf, step: CleaningStep): FeatureSpec {
  const isTime = spec.timeColumn !== undefined;
  switch (step.kind) {
    case 'DROP_DUPLICATES':
      return { ...spec, cleaning: { ...spec.cleaning, dropDuplicates: true } };
    case 'KEEP_LAST_OF_ID':
      return spec;
    case 'DROP_LATER_ROWS':
      return isTime ? { ...spec, dataUntil: endAfter(step.until, spec.dataUntil) } : spec;
    case 'READ_TIME_FORMAT': {
      const mended = readFormat(spec, source, step);
      return isRead(source, spec.timeColumn, step)
        ? { ...mended, cleaning: withFormat(spec.cleaning ?? {}, step) }
        : mended;
    }
    default:
      return mendValues(spec, source, step);
  }
}

type FormatStep = Extract<CleaningStep, { kind: 'READ_TIME_FORMAT' }>;
export type ValueStep = Exclude<
  CleaningStep,
  { kind: 'DROP_DUPLICATES' | 'KEEP_LAST_OF_ID' | 'DROP_LATER_ROWS' | 'READ_TIME_FORMAT' }
>;

export function isRead(source: SourceOf, column: string | undefined, step: FormatStep): boolean {
  return column !== undefined && source(column) === step.column;
}

/** With one more way in which moments are read. */
export const withFormat = <C extends Pick<MomentCleaning, 'timeFormats'>>(
  cleaning: C,
  { format }: FormatStep,
) => ({
  ...cleaning,
  timeFormats: union(cleaning.timeFormats, [format]),
});

/** The timestamps of a column are read in one more format. */
export function readFormat(spec: FeatureSpec, source: SourceOf, step: FormatStep): FeatureSpec {
  return mapReaders(spec, (reader) =>
    reader.type === 'timestamp' && isRead(source, columnOf(reader), step)
      ? { ...reader, cleaning: withFormat(reader.cleaning ?? {}, step) }
      : reader,
  );
}

export function mendValues(spec: FeatureSpec, source: SourceOf, step: ValueStep): FeatureSpec {
  return mapReaders(spec, (feature) => {
    if (feature.type === 'cyclic' || feature.type === 'derived' || feature.type === 'elapsed') return feature;
    if ('columns' in feature && feature.columns) return feature;
    if (source(columnOf(feature)) !== step.column) return feature;
    if (isCompound(feature)) return { ...feature, ...mendCompound(feature, step) };
    // Of a set, each value is meant.
    if ('ofSet' in step) return feature;
    const cleaning =
      feature.type === 'numeric'
        ? mendNumber(feature.cleaning ?? {}, step)
        : mendCategory(feature.cleaning ?? {}, step);
    return cleaning ? { ...feature, cleaning } : feature;
  });
}

/** The spec with each of its features and fields as `mend` gives it. */
function mapReaders(
  spec: FeatureSpec,
  mend: <F extends StaticFeature | SequenceField>(reader: F) => F,
): FeatureSpec {
  const { features, sequence } = spec;
  return {
    ...spec,
    features: features.map(mend),
    ...(sequence && { sequence: { ...sequence, fields: sequence.fields.map(mend) } }),
  };
}

/** @returns null where a step is of categories */
function mendNumber(cleaning: NumberCleaning, step: ValueStep): NumberCleaning | null {
  switch (step.kind) {
    case 'TREAT_AS_MISSING': {
      const codes = step.values.map(asNumber).filter((code) => code !== null);
      const words = step.values.filter((value) => asNumber(value) === null);
      return {
        ...cleaning,
        ...(codes.length > 0 && { missing: union(cleaning.missing, codes) }),
        ...(words.length > 0 && {
          missingWords: union(
            cleaning.missingWords,
            words.map((word) => word.trim().toLowerCase()),
          ),
        }),
      };
    }
    case 'CLIP':
      return cleaning.clip ? cleaning : { ...cleaning, clip: { low: step.low, high: step.high } };
    case 'FILL_MISSING': {
      const fill = asNumber(step.value);
      return fill === null ? null : { ...cleaning, fill: cleaning.fill ?? fill };
    }
    default:
      return null;
  }
}

/** @returns null where a step is of numbers */
function mendCategory(cleaning: CategoryCleaning, step: ValueStep): CategoryCleaning | null {
  switch (step.kind) {
    case 'TREAT_AS_MISSING':
      return { ...cleaning, missing: union(cleaning.missing, step.values) };
    case 'MERGE_SPELLINGS':
      return mergeSpellings(cleaning, step.spellings);
    case 'MERGE_RARE':
      return cleaning.keep
        ? cleaning
        : { ...cleaning, keep: { categories: [...step.keep], other: step.other } };
    case 'FILL_MISSING':
      return { ...cleaning, fill: cleaning.fill ?? step.value };
    default:
      return null;
  }
}

function asNumber(text: string): number | null {
  const number = text.trim() === '' ? NaN : Number(text);
  return Number.isFinite(number) ? number : null;
}
