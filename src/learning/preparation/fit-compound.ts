import {
  bagKind,
  type BagFeature,
  cellOf,
  type CompoundEncoder,
  type CompoundFeature,
  isBag,
  isCompound,
  type NumbersFeature,
  numbersKind,
} from '../features/compound';
import { type FeatureSpec } from '../features/feature-spec';
import { type CompoundColumn, contentAt, isCoded } from './compound-columns';
import { fitNumeric } from './fit-numeric';
import { histories } from './fit-samples';
import { fitVocabulary } from './fit-vocabulary';
import { blocksOf, type ExampleStore } from './store/example-store';

/** Raw numbers that a fit takes at most, over all of a feature's columns, and those of one column. */
const MAX_SAMPLE = 1 << 24;
const MAX_COLUMN_SAMPLE = 1_000_000;

/** Fits each compound feature of examples on the training part. */
export async function fitCompoundFeatures(
  spec: FeatureSpec,
  store: ExampleStore,
  train: Int32Array,
): Promise<CompoundEncoder[]> {
  const fits = spec.features
    .filter((feature) => isCompound(feature))
    .map((feature) => fitOf(feature, train.length));
  if (fits.length === 0) return [];
  const { examples, exampleValues } = store.files;
  for (const rows of blocksOf(train)) {
    const found = await examples.rows(rows);
    const columns = exampleValues.cells(found, rows.length);
    fits.forEach((fit, index) => {
      const column = columns[index];
      if (column) rows.forEach((row, n) => fit.add(column, n, store.at?.[row] ?? NaN));
    });
  }
  return fits.map((fit) => fit.encoder());
}

/**
 * Fits each compound field on the events that at least one history of the training part holds, each counted once; but
 * timestamps, which look different from each moment, on every pair of an example and an event in its history.
 *
 * @param train ascending
 */
export async function fitCompoundFields(
  spec: FeatureSpec,
  store: ExampleStore,
  train: Int32Array,
): Promise<CompoundEncoder[]> {
  const fields = (spec.sequence?.fields ?? []).filter((field) => isCompound(field));
  if (fields.length === 0) return [];
  const totals = { events: 0, pairs: 0 };
  for await (const { lengths, fresh } of histories(store, train)) {
    totals.events += sum(fresh);
    totals.pairs += sum(lengths);
  }
  const isPaired = fields.map((field) => cellOf(field).type === 'moment');
  const fits = fields.map((field, index) => fitOf(field, isPaired[index] ? totals.pairs : totals.events));
  const { events, eventValues } = store.files;
  for await (const { block, ends, lengths, fresh } of histories(store, train)) {
    const found = await events.ranges(
      ends.map((end, n) => end - (lengths[n] ?? 0)),
      lengths,
    );
    const columns = eventValues.cells(found, sum(lengths));
    fits.forEach((fit, index) => {
      const column = columns[index];
      if (!column) return;
      let end = 0;
      block.forEach((row, n) => {
        const count = isPaired[index] ? lengths[n] : fresh[n];
        end += lengths[n] ?? 0;
        for (let event = end - (count ?? 0); event < end; event++)
          fit.add(column, event, store.at?.[row] ?? NaN);
      });
    });
  }
  return fits.map((fit) => fit.encoder());
}

/** Takes in what is in the training part, cell by cell. */
interface Fit {
  add(column: CompoundColumn, row: number, at: number): void;
  encoder(): CompoundEncoder;
}

/** @param total cells that will come */
function fitOf(feature: CompoundFeature, total: number): Fit {
  return isBag(feature) ? new BagFit(feature, total) : new NumbersFit(feature, total);
}

class BagFit implements Fit {
  private dictionary: readonly string[] = [];
  private counts = new Int32Array();

  constructor(
    private readonly feature: BagFeature,
    private readonly total: number,
  ) {}

  add(column: CompoundColumn, row: number): void {
    if (!isCoded(column)) throw new Error(`${this.feature.name} has no dictionary`);
    if (this.dictionary !== column.dictionary) {
      this.dictionary = column.dictionary;
      this.counts = new Int32Array(column.dictionary.length);
    }
    const code = column.codes[row] ?? 0;
    this.counts[code] = (this.counts[code] ?? 0) + 1;
  }

  encoder(): CompoundEncoder {
    const { feature, total } = this;
    const kind = bagKind(feature);
    const counts = new Map<string, number>();
    this.counts.forEach((count, code) => {
      if (count === 0) return;
      for (const category of new Set(kind.parse(feature, this.dictionary[code] ?? '')))
        counts.set(category, (counts.get(category) ?? 0) + count);
    });
    return {
      type: feature.type,
      name: feature.name,
      size: kind.size(feature),
      pooling: kind.pooling(feature),
      vocabulary: fitVocabulary(counts, total, kind.maxVocabulary(feature)),
    };
  }
}

class NumbersFit implements Fit {
  private readonly sample: readonly Float32Array[];
  private readonly raw: Float32Array;
  private readonly stride: number;
  private seen = 0;

  constructor(
    private readonly feature: NumbersFeature,
    total: number,
  ) {
    const width = numbersKind(feature).width(feature);
    const most = Math.min(MAX_COLUMN_SAMPLE, Math.ceil(MAX_SAMPLE / width));
    this.stride = Math.max(1, Math.ceil(total / most));
    this.raw = new Float32Array(width);
    this.sample = Array.from({ length: width }, () => new Float32Array(Math.ceil(total / this.stride)));
  }

  add(column: CompoundColumn, row: number, at: number): void {
    if (isCoded(column)) throw new Error(`${this.feature.name} has no numbers`);
    const place = this.seen++ / this.stride;
    if (!Number.isInteger(place)) return;
    const { feature, raw } = this;
    raw.fill(NaN);
    numbersKind(feature).write(feature, contentAt(column, row), at, { into: raw, offset: 0 });
    this.sample.forEach((values, i) => (values[place] = raw[i] ?? NaN));
  }

  encoder(): CompoundEncoder {
    const { feature, sample } = this;
    return numbersKind(feature).fit(feature, sample, (values, transform) => {
      const number = { name: feature.name, transform, encoding: 'standard' as const };
      const { median, low, high, mean, std } = fitNumeric(number, values);
      return { median, low, high, mean, std };
    });
  }
}

const sum = (values: Int32Array): number => values.reduce((total, value) => total + value, 0);
