import { type FeatureSpec, isNumber } from '../../features/feature-spec';
import { cyclicValue } from '../../features/moment';
import { type EventColumns, type ExampleColumns } from '../example-columns';
import { type ExampleFiles, type Histories, historiesOf, momentsOf } from './example-files';

/** Rows that are looked at together in a walk over many. */
export const BLOCK_ROWS = 4096;

/** What is in memory of every example. */
export interface ExampleTraits {
  /** 0 or 1. */
  readonly labels: Float32Array;
  /** Milliseconds since 1970, where the spec names a time column. */
  readonly at: Float64Array | null;
  /** Whose the examples are, as numbers from 1: the subject (EVENTS), or the entity that the split is by (TABLE). */
  readonly entities: Int32Array | null;
  /** Milliseconds since 1970: the last moment that each label looks at; null where that is the example's own. */
  readonly labelUntil: Float64Array | null;
}

/**
 * All examples before encoding, in the file's order (TABLE) or by subject and time (EVENTS). Labels and moments are in
 * memory; the values are out of it where they are many, and come as columns of the rows that are asked for.
 */
export class ExampleStore implements ExampleTraits {
  readonly count: number;
  readonly labels: Float32Array;
  readonly at: Float64Array | null;
  readonly entities: Int32Array | null;
  readonly labelUntil: Float64Array | null;

  constructor(
    private readonly spec: FeatureSpec,
    readonly files: ExampleFiles,
    { labels, at, entities, labelUntil }: ExampleTraits,
  ) {
    this.count = labels.length;
    this.labels = labels;
    this.at = at;
    this.entities = entities;
    this.labelUntil = labelUntil;
  }

  /** Whether histories are of events, which have moments, and not of a row's steps. */
  get hasEvents(): boolean {
    return this.spec.shape === 'EVENTS';
  }

  /** Examples by their row, in the order given, with their histories. */
  async select(rows: Int32Array): Promise<ExampleColumns> {
    const { examples, exampleValues } = this.files;
    const found = await examples.rows(rows);
    const count = rows.length;
    const own = this.at;
    const at = own && Float64Array.from(rows, (row) => own[row] ?? NaN);
    const { numeric, categorical, compound } = exampleValues.columns(found, count);
    return {
      count,
      labels: Float32Array.from(rows, (row) => this.labels[row] ?? NaN),
      at,
      numeric: withCyclic(this.spec, numeric, at),
      categorical,
      compound,
      events: this.spec.sequence && (await this.eventsOf(historiesOf(found, count))),
    };
  }

  async historiesOf(rows: Int32Array): Promise<Histories> {
    return historiesOf(await this.files.examples.rows(rows), rows.length);
  }

  /** The ids of some examples: of the id column, or the rows' line numbers. */
  idsOf(rows: Int32Array): string[] {
    const ids: string[] = [];
    for (const block of blocksOf(rows)) for (const id of this.files.idsOf(block)) ids.push(id);
    return ids;
  }

  close(): void {
    this.files.close();
  }

  private async eventsOf({ ends, lengths }: Histories): Promise<EventColumns> {
    const { events, eventValues } = this.files;
    const found = await events.ranges(
      ends.map((end, row) => end - (lengths[row] ?? 0)),
      lengths,
    );
    let count = 0;
    const ownEnds = lengths.map((length) => (count += length));
    return {
      maxLength: this.spec.sequence?.maxLength ?? 0,
      at: this.hasEvents ? momentsOf(found, count) : null,
      ...eventValues.columns(found, count),
      ends: ownEnds,
      lengths,
    };
  }
}

export function* blocksOf(rows: Int32Array): Generator<Int32Array> {
  for (let from = 0; from < rows.length; from += BLOCK_ROWS) yield rows.subarray(from, from + BLOCK_ROWS);
}

/** Fills in the cyclic features from the examples' moments. */
function withCyclic(
  spec: FeatureSpec,
  numeric: ReadonlyArray<Float32Array | null>,
  at: Float64Array | null,
): Float32Array[] {
  const features = spec.features.filter((feature) => isNumber(feature));
  return features.map((feature, f) => {
    const values = numeric[f];
    if (values) return values;
    if (!at || feature.type !== 'cyclic') throw new Error(`no values for ${feature.name}`);
    return Float32Array.from(at, (ms) => cyclicValue(feature.part, ms));
  });
}
