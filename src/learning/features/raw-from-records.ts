import { AppError, type Issue } from '../../errors';
import { FLOAT32_MAX } from './cell-text';
import { canonicalCategory, MAX_CATEGORY_LENGTH } from './category';
import { bagKind, type CompoundFeature, isBag, isCompound, numbersKind, rawWidth } from './compound';
import { deriveFromRequest, momentColumnsOf } from './derived/derive-from-request';
import { type FeatureSpec, holdsCategories, type SequenceField, type StaticFeature } from './feature-spec';
import { describeValue, type FeatureValue, type GivenValue, Problem } from './feature-value';
import { cyclicValue, EARLIEST_MOMENT_MS, elapsedSeconds, LATEST_MOMENT_MS } from './moment';
import { type RawExamples, type RawSequences } from './raw-examples';

export type { FeatureValue } from './feature-value';

/** One past event, or step. `values` are keyed by the sequence fields' names; elapsed fields are computed. */
export interface HistoryEvent {
  /** Of an event. The steps of a row (TABLE) have no moments. */
  readonly at?: Date | undefined;
  readonly values: Readonly<Record<string, FeatureValue>>;
}

/** One example as a request gives it. `features` are keyed by the features' names; cyclic ones are computed. */
export interface ExampleRecord {
  /** The moment of prediction; `now` when absent. */
  readonly at?: Date | undefined;
  readonly features: Readonly<Record<string, FeatureValue>>;
  /**
   * The subject's past, strictly before `at`, in any order: it is sorted, equal moments keep the order given. Derived
   * features that `features` does not have follow from it; without it they are missing.
   * TABLE: the steps, oldest first.
   */
  readonly history?: readonly HistoryEvent[] | undefined;
}

export const MAX_RECORDS = 10_000;
export const MAX_HISTORY_EVENTS = 10_000;
const MAX_ISSUES = 100;

type ValueFeature = StaticFeature | SequenceField;

/**
 * The online path: turns a request's records into the examples that the artifact takes. For the same history it gives
 * exactly what preparation gives offline.
 *
 * @param now the moment of records without `at`.
 * @throws AppError BAD_USER_INPUT with every problem found (at most 100), addressed by paths such as
 *   `0.features.age` and `2.history.5.values.price`.
 */
export function rawFromRecords(
  spec: FeatureSpec,
  records: readonly ExampleRecord[],
  now = new Date(),
): RawExamples {
  const issues: Issue[] = [];
  if (records.length > MAX_RECORDS)
    throw new AppError('BAD_USER_INPUT', `At most ${MAX_RECORDS} examples fit in one request.`);

  const columns = columnsOf(spec.features, records.length);
  const list = [...columns.values()];
  const extraNames = momentColumnsOf(spec);
  const sequence = spec.sequence
    ? new SequenceBuilder(spec.sequence, { shape: spec.shape, count: records.length })
    : null;

  records.forEach((record, n) => {
    const at = moment(record.at ?? now);
    if (Number.isNaN(at)) issues.push({ path: `${n}.at`, message: MOMENT_WANTED });
    for (const { name, message } of strangers(record.features, columns, extraNames))
      issues.push({ path: `${n}.features.${name}`, message });
    const derived = deriveFromRequest(spec, record, new Date(at));
    for (const column of list) {
      const { field, numbers } = column;
      // What is given counts, also that it is not known.
      if (field.type === 'derived' && own(record.features, field.name) === undefined) {
        if (numbers) numbers[n] = derived[field.name] ?? NaN;
        continue;
      }
      if (field.type === 'cyclic') {
        if (numbers) numbers[n] = cyclicValue(field.part, at);
        continue;
      }
      const problem = store(column, { index: n, at }, own(record.features, field.name));
      if (problem !== null) issues.push({ path: `${n}.features.${field.name}`, message: problem });
    }
    if (sequence) sequence.add(n, at, record.history ?? [], issues);
    else if (record.history?.length)
      issues.push({ path: `${n}.history`, message: 'this model takes no history; leave it out' });
  });

  if (issues.length > 0) throw new AppError('BAD_USER_INPUT', summary(issues), issues.slice(0, MAX_ISSUES));
  const raw = { count: records.length, ...byName(columns) };
  return sequence ? { ...raw, sequence: sequence.result() } : raw;
}

/** A field's values, in one of the two arrays. They start missing: NaN and ''. */
interface Column {
  readonly field: ValueFeature;
  /** The field, where it has several values side by side. */
  readonly compound: CompoundFeature | null;
  readonly numbers: Float32Array | null;
  readonly texts: string[] | null;
}
type Columns = ReadonlyMap<string, Column>;

function columnsOf(fields: readonly ValueFeature[], size: number): Columns {
  return new Map(
    fields.map((field) => {
      const isText = holdsCategories(field);
      const compound = isCompound(field) ? field : null;
      const length = size * (compound ? rawWidth(compound) : 1);
      const numbers = isText ? null : new Float32Array(length).fill(NaN);
      const texts = isText ? new Array<string>(length).fill('') : null;
      return [field.name, { field, compound, numbers, texts }];
    }),
  );
}

function byName(columns: Columns): Pick<RawExamples, 'numeric' | 'categorical'> {
  const numeric: Record<string, Float32Array> = {};
  const categorical: Record<string, readonly string[]> = {};
  for (const [name, { numbers, texts }] of columns) {
    if (numbers) numeric[name] = numbers;
    if (texts) categorical[name] = texts;
  }
  return { numeric, categorical };
}

class SequenceBuilder {
  private readonly columns: Columns;
  /** The same. */
  private readonly list: readonly Column[];
  private readonly lengths: Int32Array;
  private readonly maxLength: number;
  /** Whether histories are of events, not of a row's steps. */
  private readonly hasMoments: boolean;

  constructor(
    { fields, maxLength }: NonNullable<FeatureSpec['sequence']>,
    { shape, count }: { readonly shape: FeatureSpec['shape']; readonly count: number },
  ) {
    this.columns = columnsOf(fields, count * maxLength);
    this.list = [...this.columns.values()];
    this.lengths = new Int32Array(count);
    this.maxLength = maxLength;
    this.hasMoments = shape === 'EVENTS';
  }

  add(n: number, at: number, history: readonly HistoryEvent[], issues: Issue[]): void {
    if (history.length > MAX_HISTORY_EVENTS) {
      issues.push({ path: `${n}.history`, message: `at most ${MAX_HISTORY_EVENTS} events; send the latest` });
      return;
    }
    const moments = history.map((event, index) => (this.hasMoments ? moment(event.at) : index));
    const dropped = this.droppedFrom(history);
    const steps = this.stepsOf(moments, { n, dropped });
    history.forEach(({ at: given, values }, index) => {
      const eventAt = moments[index] ?? NaN;
      const step = steps[index] ?? NOWHERE;
      const problem = this.hasMoments ? momentProblem(eventAt, at) : given && NO_MOMENT;
      if (problem) issues.push({ path: `${n}.history.${index}.at`, message: problem });
      for (const { name, message } of strangers(values, this.columns))
        issues.push({ path: `${n}.history.${index}.values.${name}`, message });
      const place = { index: step, at };
      for (const column of this.list) {
        const { field, numbers } = column;
        if (field.type === 'elapsed') {
          if (numbers && step !== NOWHERE) numbers[step] = elapsedSeconds(eventAt, at);
          continue;
        }
        const value = own(values, field.name);
        if (value == null) continue;
        const problem = store(column, place, value);
        if (problem !== null)
          issues.push({ path: `${n}.history.${index}.values.${field.name}`, message: problem });
      }
    });
  }

  /** How many of the oldest are no part of the history: beyond what fits, or steps before the first with any value. */
  private droppedFrom(history: readonly HistoryEvent[]): number {
    const tooMany = Math.max(0, history.length - this.maxLength);
    if (this.hasMoments) return tooMany;
    const hasValue = ({ values }: HistoryEvent) =>
      [...this.columns.keys()].some((name) => (own(values, name) ?? '') !== '');
    const first = history.findIndex((step, index) => index >= tooMany && hasValue(step));
    return first < 0 ? history.length : first;
  }

  /** Where each event goes, oldest first; the dropped ones go nowhere, and are checked all the same. */
  private stepsOf(
    moments: readonly number[],
    { n, dropped }: { readonly n: number; readonly dropped: number },
  ): Int32Array {
    const order = moments.map((_at, index) => index);
    // Sorting is stable: events of one moment keep the order given, as events of a file keep theirs.
    if (!isAscending(moments)) order.sort((a, b) => (moments[a] ?? 0) - (moments[b] ?? 0));
    this.lengths[n] = order.length - dropped;
    const steps = new Int32Array(moments.length).fill(NOWHERE);
    for (let position = dropped; position < order.length; position++) {
      const index = order[position];
      if (index !== undefined) steps[index] = n * this.maxLength + position - dropped;
    }
    return steps;
  }

  result(): RawSequences {
    return { maxLength: this.maxLength, lengths: this.lengths, ...byName(this.columns) };
  }
}

function isAscending(moments: readonly number[]): boolean {
  for (let index = 1; index < moments.length; index++) {
    if (!((moments[index] ?? NaN) >= (moments[index - 1] ?? NaN))) return false;
  }
  return true;
}

/** For {@link store}: the value is checked and not kept. */
const NOWHERE = -1;

/** Where a value goes, and the moment of prediction that sees it. */
interface Place {
  /** Among the column's examples or steps. */
  readonly index: number;
  readonly at: number;
}

/** Stores a value in its column. @returns what is wrong with the value if it cannot be, else null. */
function store({ compound, numbers, texts }: Column, place: Place, value: FeatureValue): string | null {
  if (value == null) return null;
  if (compound) return storeCompound(compound, { numbers, texts }, place, value);
  const { index } = place;
  if (numbers) {
    if (typeof value !== 'number') return `must be a number or null, not ${describeValue(value)}`;
    if (!Number.isFinite(value)) return `must be a finite number or null, not ${value}`;
    if (Math.abs(value) > FLOAT32_MAX) return 'is beyond ±3.4e38; give it in a larger unit';
    if (index !== NOWHERE) numbers[index] = value;
    return null;
  }
  if (typeof value === 'object' || (typeof value === 'number' && !Number.isFinite(value)))
    return `must be a category or null, not ${describeValue(value)}`;
  if (typeof value === 'string' && value.length > MAX_CATEGORY_LENGTH)
    return `is longer than ${MAX_CATEGORY_LENGTH} characters`;
  if (typeof value === 'string' && value.includes('\u0000'))
    return 'holds the character NUL, which no category can';
  if (texts && index !== NOWHERE)
    texts[index] = typeof value === 'string' ? canonicalCategory(value) : String(value);
  return null;
}

function storeCompound(
  field: CompoundFeature,
  { numbers, texts }: Pick<Column, 'numbers' | 'texts'>,
  { index, at }: Place,
  value: GivenValue,
): string | null {
  if (isBag(field)) {
    const kind = bagKind(field);
    const categories = kind.read(field, value);
    if (categories instanceof Problem) return categories.message;
    if (texts && index !== NOWHERE) {
      const offset = index * kind.size(field);
      categories.forEach((category, slot) => (texts[offset + slot] = category));
    }
    return null;
  }
  const kind = numbersKind(field);
  const content = kind.read(field, value);
  if (content instanceof Problem) return content.message;
  if (numbers && index !== NOWHERE)
    kind.write(field, content, at, { into: numbers, offset: index * kind.width(field) });
  return null;
}

const MOMENT_WANTED = 'must be a moment between the years 1900 and 2200';

const NO_MOMENT = 'the steps of this model have no moments: they are given oldest first; leave it out';

function momentProblem(eventAt: number, at: number): string | null {
  if (Number.isNaN(eventAt)) return MOMENT_WANTED;
  return eventAt >= at ? 'must lie before the moment of prediction' : null;
}

/** Milliseconds since the epoch; NaN when it is not a moment that anything is known about. */
function moment(at: Date | undefined): number {
  const ms = at?.getTime() ?? NaN;
  return ms >= EARLIEST_MOMENT_MS && ms < LATEST_MOMENT_MS ? ms : NaN;
}

const NO_NAMES: ReadonlySet<string> = new Set();

/** Names that no column takes a value for. */
function strangers(
  values: Readonly<Record<string, FeatureValue>>,
  columns: Columns,
  extraNames: ReadonlySet<string> = NO_NAMES,
): readonly { readonly name: string; readonly message: string }[] {
  let found: { name: string; message: string }[] | null = null;
  for (const name of Object.keys(values)) {
    const column = columns.get(name);
    if (isWanted(column, name, extraNames)) continue;
    const given = [...columns.values()].filter(({ field }) => isGiven(field)).map(({ field }) => field.name);
    const takes = [...given, ...extraNames];
    const names = takes.length > 0 ? takes.slice(0, 20).join(', ') : 'no names';
    const message = column ? 'is computed from the moments; leave it out' : `is unknown; known are: ${names}`;
    (found ??= []).push({ name, message });
  }
  return found ?? NONE;
}

const NONE: readonly never[] = [];

function isWanted(column: Column | undefined, name: string, extraNames: ReadonlySet<string>): boolean {
  return column ? isGiven(column.field) : extraNames.has(name);
}

/** A feature may be called `constructor`: only what the request itself holds counts. */
function own(values: Readonly<Record<string, FeatureValue>>, name: string): FeatureValue {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

const isGiven = (field: ValueFeature): boolean => field.type !== 'cyclic' && field.type !== 'elapsed';

function summary(issues: readonly Issue[]): string {
  const first = issues[0];
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return first ? `${first.path} ${first.message}${more}` : '';
}
