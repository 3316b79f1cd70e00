import { type FeatureSpec } from '../features/feature-spec';
import { cyclicValue } from '../features/moment';
import { type ColumnPlan } from './column-plan';
import { type CsvScan } from './csv-scan';
import { createDictionaries } from './dictionaries';
import { type DuckDbSession } from './duckdb-session';
import { type ExampleColumns } from './example-columns';
import { positiveSql } from './label-values';
import { ResultLayout } from './result-layout';
import { StepStore } from './step-store';
import { copyNumbers, everyRow, idOf, ValueStore } from './value-store';

/** Examples, and what was left out on the way to them. */
export interface ReadExamples {
  readonly columns: ExampleColumns;
  readonly duplicates: number;
  /** EVENTS: events kept; TABLE: rows kept. */
  readonly used: number;
  readonly moments: number;
  readonly censored: number;
}

export interface RowsSource {
  readonly session: DuckDbSession;
  readonly plan: ColumnPlan;
  readonly scan: CsvScan;
}

const OWN = ['rowid::DOUBLE', 'label::INTEGER', 'ms', 'id'];

/**
 * Streams a TABLE's rows into columns, in file order.
 *
 * Exact copies of a row are dropped only where the spec names an id column: without one, two visitors may well have
 * done the same, and the split keeps identical rows together anyway.
 */
export async function readTable(spec: FeatureSpec, source: RowsSource): Promise<ReadExamples> {
  const { session, plan, scan } = source;
  const [total] = await session.rows('SELECT count(*)::DOUBLE FROM rows WHERE bad IS NULL');
  const capacity = Number(total?.[0]);
  const own = OWN.map((sql) => (sql.startsWith('label') ? `${positiveSql(spec.label)}::INTEGER` : sql));
  const layout = new ResultLayout(own, plan, await createDictionaries(session, plan.categorical));
  const store = new ValueStore(spec.features, layout, capacity);
  const steps = spec.sequence ? new StepStore(spec.sequence, layout, capacity) : null;
  const labels = new Float32Array(capacity);
  const at = plan.time ? new Float64Array(capacity) : null;
  const ids: string[] = [];
  let lastRecord = -1;

  const firstCopies = 'AND rowid IN (SELECT min(rowid) FROM rows WHERE bad IS NULL GROUP BY id, content)';
  const sql = `SELECT ${layout.sql} FROM rows WHERE bad IS NULL ${plan.id ? firstCopies : ''} ORDER BY rowid`;
  for await (const chunk of session.stream(sql)) {
    const picked = { chunk, rows: everyRow(chunk.rowCount), count: chunk.rowCount };
    const offset = ids.length;
    const records = new Float64Array(chunk.rowCount);
    copyNumbers(picked, 0, records);
    copyNumbers(picked, 1, labels, offset);
    if (at) copyNumbers(picked, 2, at, offset);
    store.copy(picked, offset);
    steps?.copy(picked, offset);
    records.forEach((record, row) => {
      if (record <= lastRecord) throw new Error('rows came out of order');
      lastRecord = record;
      ids.push(idOf(chunk, 3, row, scan.lines.lineOf(record)));
    });
  }
  const count = ids.length;
  const moments = at?.subarray(0, count) ?? null;
  const columns: ExampleColumns = {
    count,
    ids,
    labels: labels.subarray(0, count),
    at: moments,
    numeric: withCyclic(spec, store.numeric(count), moments),
    categorical: store.categorical(count),
    events: steps?.events(count),
  };
  return { columns, duplicates: capacity - count, used: count, moments: count, censored: 0 };
}

/** Fills in the cyclic features from the examples' moments. */
export function withCyclic(
  spec: FeatureSpec,
  numeric: ReadonlyArray<Float32Array | null>,
  at: Float64Array | null,
): Float32Array[] {
  const features = spec.features.filter((feature) => feature.type !== 'categorical');
  return features.map((feature, f) => {
    const values = numeric[f];
    if (values) return values;
    if (!at || feature.type !== 'cyclic') throw new Error(`no values for ${feature.name}`);
    return Float32Array.from(at, (ms) => cyclicValue(feature.part, ms));
  });
}
