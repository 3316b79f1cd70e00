import { type CompoundFeature, isCompound } from '../features/compound';
import { type FeatureSpec, isNumber, type SequenceField, type StaticFeature } from '../features/feature-spec';
import { elapsedSeconds } from '../features/moment';
import { type RawExamples, type RawSequences } from '../features/raw-examples';
import { type CategoryForm, textsOf } from './category-form';
import { rawBags, rawNumbers, type Visit } from './compound-raw';
import { type CodedColumn, type EventColumns, type ExampleColumns } from './example-columns';
import { type ExampleStore } from './store/example-store';

/** In which form the categories of examples and those of their histories are told. */
export interface CategoryForms<Values> {
  readonly features: CategoryForm<Values>;
  readonly fields: CategoryForm<Values>;
}

const TEXTS: CategoryForms<readonly string[]> = { features: textsOf, fields: textsOf };

/** Examples as the artifact takes them, read straight from their store; nothing has to be fitted for that. */
export class RawRows {
  private readonly numeric: readonly StaticFeature[];
  private readonly categorical: readonly StaticFeature[];
  private readonly compound: readonly CompoundFeature[];
  private readonly eventNumeric: readonly SequenceField[];
  private readonly eventCategorical: readonly SequenceField[];
  private readonly eventCompound: readonly CompoundFeature[];

  constructor(
    private readonly store: ExampleStore,
    { features, sequence }: FeatureSpec,
  ) {
    const fields = sequence?.fields ?? [];
    this.numeric = features.filter((feature) => isNumber(feature));
    this.categorical = features.filter(({ type }) => type === 'categorical');
    this.compound = features.filter((feature) => isCompound(feature));
    this.eventNumeric = fields.filter((field) => isNumber(field));
    this.eventCategorical = fields.filter(({ type }) => type === 'categorical');
    this.eventCompound = fields.filter((field) => isCompound(field));
  }

  /** @param rows in the store */
  async read(rows: Int32Array): Promise<RawExamples> {
    return this.readAs(rows, TEXTS);
  }

  /** @param rows in the store */
  async readAs<Values>(rows: Int32Array, forms: CategoryForms<Values>): Promise<RawExamples<Values>> {
    const columns = await this.store.select(rows);
    const visit = visitExamples(columns);
    const raw = {
      count: columns.count,
      numeric: {
        ...byName(this.numeric, (f) => columns.numeric[f] ?? EMPTY),
        ...rawNumbers(this.compound, columns.compound, { visit, places: columns.count }),
      },
      categorical: {
        ...byName(this.categorical, (c) => {
          const { codes, dictionary } = columns.categorical[c] ?? NO_CODES;
          const categories = forms.features.categories(
            this.categorical[c] ?? NAMELESS,
            columns.count,
            dictionary,
          );
          categories.writeCodes(0, codes, 0, columns.count);
          return categories.values;
        }),
        ...rawBags(this.compound, columns.compound, { visit, places: columns.count, ...forms.features }),
      },
    };
    return columns.events
      ? { ...raw, sequence: this.readSequence(columns.events, { examples: columns, form: forms.fields }) }
      : raw;
  }

  private readSequence<Values>(
    events: EventColumns,
    { examples, form }: { examples: ExampleColumns; form: CategoryForm<Values> },
  ): RawSequences<Values> {
    const { maxLength } = events;
    const steps = examples.count * maxLength;
    const visit: Visit = (each) => {
      eachEvent(events, examples, each);
    };
    return {
      maxLength,
      lengths: events.lengths,
      numeric: {
        ...byName(this.eventNumeric, (s) => {
          const values = new Float32Array(steps).fill(NaN);
          const own = events.numeric[s];
          eachHistory(events, (first, end, step, example) => {
            if (own) values.set(own.subarray(first, end), step);
            else writeElapsed({ events, first, end }, examples.at?.[example] ?? NaN, values, step);
          });
          return values;
        }),
        ...rawNumbers(this.eventCompound, events.compound, { visit, places: steps }),
      },
      categorical: {
        ...byName(this.eventCategorical, (k) => {
          const { codes, dictionary } = events.categorical[k] ?? NO_CODES;
          const categories = form.categories(this.eventCategorical[k] ?? NAMELESS, steps, dictionary);
          eachHistory(events, (first, end, step) => {
            categories.writeCodes(step, codes, first, end);
          });
          return categories.values;
        }),
        ...rawBags(this.eventCompound, events.compound, { visit, places: steps, ...form }),
      },
    };
  }
}

const EMPTY = new Float32Array();
const NO_CODES: CodedColumn = { codes: new Int32Array(), dictionary: [] };
const NAMELESS = { name: '' };

export function visitExamples({ count, at }: ExampleColumns): Visit {
  return (each) => {
    for (let n = 0; n < count; n++) each(n, n, at?.[n] ?? NaN);
  };
}

/** Visits the events of all histories; `step` is the position in [N, T], `at` the example's moment. */
export function eachEvent(
  events: EventColumns,
  examples: ExampleColumns,
  visit: (event: number, step: number, at: number) => void,
): void {
  for (let n = 0; n < examples.count; n++) {
    const length = events.lengths[n] ?? 0;
    const first = (events.ends[n] ?? 0) - length;
    const at = examples.at?.[n] ?? NaN;
    for (let t = 0; t < length; t++) visit(first + t, n * events.maxLength + t, at);
  }
}

/** Visits all histories: their events, from one to before another, and the position in [N, T] of the first. */
function eachHistory(
  { ends, lengths, maxLength }: EventColumns,
  visit: (first: number, end: number, step: number, example: number) => void,
): void {
  for (let n = 0; n < lengths.length; n++) {
    const end = ends[n] ?? 0;
    visit(end - (lengths[n] ?? 0), end, n * maxLength, n);
  }
}

/** Elapsed time passes through float32 as in the artifact's input. */
function writeElapsed(
  { events, first, end }: { events: EventColumns; first: number; end: number },
  at: number,
  into: Float32Array,
  step: number,
): void {
  for (let event = first; event < end; event++)
    into[step + event - first] = elapsedSeconds(events.at?.[event] ?? NaN, at);
}

function byName<T>(
  features: ReadonlyArray<{ readonly name: string }>,
  valuesOf: (index: number) => T,
): Record<string, T> {
  return Object.fromEntries(features.map((feature, index) => [feature.name, valuesOf(index)]));
}
