import { type FeatureSpec } from '../features/feature-spec';
import { isLabelled } from '../features/unlabelled';
import { type ColumnPlan } from './column-plan';
import { CompoundResult } from './compound-result';
import { type CsvScan } from './csv-scan';
import { createDictionaries } from './dictionaries';
import { type DuckDbSession } from './duckdb-session';
import { positiveSql } from './label-values';
import { copyNumbers, everyRow, idOf } from './picked-rows';
import { ResultLayout } from './result-layout';
import { ExampleFiles, type FilesOptions } from './store/example-files';
import { ExampleStore } from './store/example-store';

/** Examples, and what was left out on the way to them. */
export interface ReadExamples {
  readonly examples: ExampleStore;
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
  /** Where what is read is kept. */
  readonly keep: FilesOptions;
}

const OWN = ['r.rowid::DOUBLE', 'label::INTEGER', 'ms', 'id'];
/** One more column, where there are entities. */
const ENTITY = OWN.length;

/**
 * Streams a TABLE's rows into examples, in file order.
 *
 * Exact copies of a row are dropped only where the spec names an id column: without one, two visitors may well have
 * done the same, and the split keeps identical rows together anyway. Of rows that are only to be scored, each is.
 */
export async function readTable(spec: FeatureSpec, source: RowsSource): Promise<ReadExamples> {
  const { session, plan, scan } = source;
  const [total] = await session.rows('SELECT count(*)::DOUBLE FROM rows WHERE bad IS NULL');
  const capacity = Number(total?.[0]);
  const own = [
    ...OWN.map((sql) => (sql.startsWith('label') ? `${positiveSql(spec.label)}::INTEGER` : sql)),
    ...(plan.subject ? ['entity_number'] : []),
  ];
  const layout = new ResultLayout(own, plan, {
    dictionaries: await createDictionaries(session, plan.categorical),
    compound: await CompoundResult.create(session, plan.compound),
  });
  const labels = new Float32Array(capacity);
  const at = plan.time ? new Float64Array(capacity) : null;
  const entities = plan.subject ? new Int32Array(capacity) : null;
  const files = new ExampleFiles(spec, layout, source.keep);
  let count = 0;
  let lastRecord = -1;

  if (plan.subject)
    await session.run(
      `CREATE TABLE entities AS SELECT subject AS entity, (row_number() OVER (ORDER BY subject))::INTEGER AS entity_number
       FROM (SELECT DISTINCT subject FROM rows WHERE bad IS NULL)`,
    );
  const firstCopies = 'AND r.rowid IN (SELECT min(rowid) FROM rows WHERE bad IS NULL GROUP BY id, content)';
  const from = plan.subject ? 'rows r JOIN entities ON subject = entity' : 'rows r';
  const sql = `SELECT ${layout.sql} FROM ${from} WHERE bad IS NULL ${plan.id && isLabelled(spec) ? firstCopies : ''} ORDER BY r.rowid`;
  try {
    for await (const chunk of session.stream(sql)) {
      const picked = { chunk, rows: everyRow(chunk.rowCount), count: chunk.rowCount };
      const records = new Float64Array(chunk.rowCount);
      copyNumbers(picked, 0, records);
      copyNumbers(picked, 1, labels.subarray(count));
      if (at) copyNumbers(picked, 2, at.subarray(count));
      if (entities) copyNumbers(picked, ENTITY, entities.subarray(count));
      const ids = Array.from(records, (record, row) => {
        if (record <= lastRecord) throw new Error('rows came out of order');
        lastRecord = record;
        return idOf(chunk, 3, row, scan.lines.lineOf(record));
      });
      files.addExamples(picked, ids, spec.sequence ? files.addSteps(picked) : null);
      count += chunk.rowCount;
    }
  } catch (error) {
    files.close();
    throw error;
  }
  const traits = {
    labels: labels.subarray(0, count),
    at: at?.subarray(0, count) ?? null,
    entities: entities?.subarray(0, count) ?? null,
    labelUntil: null,
  };
  const examples = new ExampleStore(spec, files, traits);
  return { examples, duplicates: capacity - count, used: count, moments: count, censored: 0 };
}
