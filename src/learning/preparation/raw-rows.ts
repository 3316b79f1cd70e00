import { type CompoundFeature, isCompound } from '../features/compound';
import { type FeatureSpec, isNumber, type SequenceField, type StaticFeature } from '../features/feature-spec';
import { elapsedSeconds } from '../features/moment';
import { type RawExamples, type RawSequences } from '../features/raw-examples';
import { rawBags, rawNumbers, type Visit } from './compound-raw';
import { type CodedColumn, type EventColumns, type ExampleColumns } from './example-columns';
import { type ExampleStore } from './store/example-store';

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
          const column = columns.categorical[c];
          return Array.from({ length: columns.count }, (_, row) => categoryAt(column, row));
        }),
        ...rawBags(this.compound, columns.compound, { visit, places: columns.count }),
      },
    };
    return columns.events ? { ...raw, sequence: this.readSequence(columns.events, columns) } : raw;
  }

  private readSequence(events: EventColumns, examples: ExampleColumns): RawSequences {
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
          visit((event, step, at) => {
            values[step] = eventValue(events, s, event, at);
          });
          return values;
        }),
        ...rawNumbers(this.eventCompound, events.compound, { visit, places: steps }),
      },
      categorical: {
        ...byName(this.eventCategorical, (k) => {
          const values = new Array<string>(steps).fill('');
          visit((event, step) => {
            values[step] = categoryAt(events.categorical[k], event);
          });
          return values;
        }),
        ...rawBags(this.eventCompound, events.compound, { visit, places: steps }),
      },
    };
  }
}

const EMPTY = new Float32Array();

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

function eventValue(events: EventColumns, field: number, event: number, at: number): number {
  const values = events.numeric[field];
  // Elapsed time passes through float32 as in the artifact's input.
  return values ? (values[event] ?? NaN) : Math.fround(elapsedSeconds(events.at?.[event] ?? NaN, at));
}

function categoryAt(column: CodedColumn | undefined, row: number): string {
  return column?.dictionary[column.codes[row] ?? 0] ?? '';
}

function byName<T>(
  features: ReadonlyArray<{ readonly name: string }>,
  valuesOf: (index: number) => T,
): Record<string, T> {
  return Object.fromEntries(features.map((feature, index) => [feature.name, valuesOf(index)]));
}
