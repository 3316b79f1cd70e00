import { type DuckDBDataChunk } from '@duckdb/node-api';
import { derivedFeatures } from '../features/derived/read-derived';
import { type FeatureSpec } from '../features/feature-spec';
import { CompoundResult } from './compound-result';
import { type CsvScan } from './csv-scan';
import { createDerived } from './derived/create-derived';
import { createDictionaries } from './dictionaries';
import { positiveSql } from './label-values';
import { CHUNK_ROWS, copyNumbers, everyRow, idOf } from './picked-rows';
import { type ReadExamples, type RowsSource } from './read-table';
import { ResultLayout } from './result-layout';
import { ExampleFiles } from './store/example-files';
import { ExampleStore } from './store/example-store';
import { SubjectWalk } from './subject-walk';

/** The query's own columns, in this order. */
const SUBJECT = 0;
const MS = 1;
const CONTENT = 2;
const MOMENT = 3;
const LABEL_EVENT = 4;
const POSITIVE = 5;
const RECORD = 6;
const ID = 7;

const MINUTE_MS = 60_000;

/**
 * Streams events by subject and time into rows, and makes each moment of prediction an example: its history are the
 * same subject's events strictly before it, its label is a column of it, or whether an event of the label's kind
 * follows within the window. Moments whose window reaches beyond the last event of the file are left out as censored.
 * Exact copies of a row are dropped.
 */
export async function readEvents(spec: FeatureSpec, source: RowsSource): Promise<ReadExamples> {
  const { session, plan } = source;
  const [totals] = await session.rows(
    'SELECT count(*)::DOUBLE, count(*) FILTER (moment)::DOUBLE, max(ms) FROM rows WHERE bad IS NULL',
  );
  const [eventCapacity = 0, momentCapacity = 0, dataEndMs = 0] = (totals ?? []).map(Number);
  const own = [
    'subject_number',
    'ms',
    'content',
    'moment::INTEGER',
    'label_event::INTEGER',
    `coalesce(${positiveSql(spec.label)}, false)::INTEGER`,
    'r.rowid::DOUBLE',
    'CASE WHEN moment THEN id END',
  ];
  const derived = derivedFeatures(spec);
  if (derived.length > 0) await createDerived(session, spec, plan);
  const dictionaries = await createDictionaries(session, plan.categorical);
  const compound = await CompoundResult.create(session, plan.compound);
  const layout = new ResultLayout(own, plan, { dictionaries, compound, derived });
  await session.run(
    `CREATE TABLE subjects AS SELECT subject, (row_number() OVER (ORDER BY subject))::INTEGER AS subject_number
     FROM (SELECT DISTINCT subject FROM rows WHERE bad IS NULL)`,
  );
  const windowMs = 'event' in spec.label ? spec.label.withinMinutes * MINUTE_MS : null;
  const walk = new SubjectWalk({
    capacity: momentCapacity,
    maxLength: spec.sequence?.maxLength ?? 0,
    windowMs,
    dataEndMs,
  });
  const files = new ExampleFiles(spec, layout, source.keep);
  const reader = new EventReader(spec, source.scan, walk, files);
  const sql = `SELECT ${layout.sql} FROM rows r JOIN subjects s ON r.subject = s.subject
    ${derived.length > 0 ? 'LEFT JOIN derived ON derived.record = r.rowid' : ''}
    WHERE bad IS NULL ORDER BY subject_number, ms, r.rowid`;
  try {
    for await (const chunk of session.stream(sql)) reader.add(chunk);
    return reader.finish(eventCapacity);
  } catch (error) {
    files.close();
    throw error;
  }
}

class EventReader {
  private readonly subject = new Int32Array(CHUNK_ROWS);
  private readonly ms = new Float64Array(CHUNK_ROWS);
  private readonly content = new Float64Array(CHUNK_ROWS);
  private readonly moment = new Int32Array(CHUNK_ROWS);
  private readonly labelEvent = new Int32Array(CHUNK_ROWS);
  private readonly positive = new Int32Array(CHUNK_ROWS);
  private readonly record = new Float64Array(CHUNK_ROWS);
  private readonly allRows = everyRow(CHUNK_ROWS);
  private readonly keptRows = new Int32Array(CHUNK_ROWS);
  private readonly momentRows = new Int32Array(CHUNK_ROWS);
  private readonly ends = new Int32Array(CHUNK_ROWS);
  private readonly lengths = new Int32Array(CHUNK_ROWS);

  constructor(
    private readonly spec: FeatureSpec,
    private readonly scan: CsvScan,
    private readonly walk: SubjectWalk,
    private readonly files: ExampleFiles,
  ) {}

  add(chunk: DuckDBDataChunk): void {
    const { walk, files, ends, lengths } = this;
    this.readOwn(chunk);
    let kept = 0;
    let moments = 0;
    for (let row = 0; row < chunk.rowCount; row++) {
      if (!walk.enter(this.subject[row] ?? 0, this.ms[row] ?? NaN, this.content[row] ?? 0)) continue;
      this.keptRows[kept++] = row;
      if (this.labelEvent[row] === 1) walk.addLabelEvent();
      if (this.moment[row] !== 1 || !walk.addMoment(this.positive[row] ?? 0)) continue;
      this.momentRows[moments] = row;
      ends[moments] = walk.historyEnd;
      lengths[moments++] = walk.historyLength;
    }
    const ids = Array.from(this.momentRows.subarray(0, moments), (row) =>
      idOf(chunk, ID, row, this.scan.lines.lineOf(this.record[row] ?? 0)),
    );
    files.addExamples({ chunk, rows: this.momentRows, count: moments }, ids, { ends, lengths });
    if (this.spec.sequence) files.addEvents({ chunk, rows: this.keptRows, count: kept }, this.ms);
  }

  finish(rowCount: number): ReadExamples {
    const { walk, spec, files } = this;
    walk.finishSubject();
    const { eventCount, censored, momentCount } = walk;
    const traits = {
      labels: walk.labels.subarray(0, momentCount),
      at: walk.at.subarray(0, momentCount),
      entities: walk.subjects.subarray(0, momentCount),
      labelUntil: walk.labelUntil.subarray(0, momentCount),
    };
    return {
      examples: new ExampleStore(spec, files, traits),
      duplicates: rowCount - eventCount,
      used: eventCount,
      moments: momentCount + censored,
      censored,
    };
  }

  private readOwn(chunk: DuckDBDataChunk): void {
    const picked = { chunk, rows: this.allRows, count: chunk.rowCount };
    copyNumbers(picked, SUBJECT, this.subject);
    copyNumbers(picked, MS, this.ms);
    copyNumbers(picked, CONTENT, this.content);
    copyNumbers(picked, MOMENT, this.moment);
    copyNumbers(picked, LABEL_EVENT, this.labelEvent);
    copyNumbers(picked, POSITIVE, this.positive);
    copyNumbers(picked, RECORD, this.record);
  }
}
