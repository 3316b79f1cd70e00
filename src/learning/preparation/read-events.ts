import { type DuckDBDataChunk } from '@duckdb/node-api';
import { derivedFeatures } from '../features/derived/read-derived';
import { type FeatureSpec } from '../features/feature-spec';
import { eventLabelOf } from '../features/label-spec';
import { isLabelled } from '../features/unlabelled';
import { dateMs } from '../features/moments-spec';
import { type ColumnPlan } from './column-plan';
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
import { idWithSubject } from './subject-id';
import { SubjectWalk } from './subject-walk';

/** The query's own columns, in this order. */
const SUBJECT = 0;
const MS = 1;
const CONTENT = 2;
const FLAGS = 3;
const RECORD = 4;
const ID = 5;
/** Only where sessions count. */
const SESSION = 6;
const SESSION_END = 7;

/** What a row is, as bits of one column: what is sorted should be narrow. */
const IS_MOMENT = 1;
const IS_LABEL_EVENT = 2;
const IS_POSITIVE = 4;
const IS_DATE = 8;

/**
 * Streams events by subject and time into rows, and makes each moment of prediction an example: its history are the
 * same subject's events strictly before it, its label is a column of it, or whether an event of the label's kind
 * follows within the window. Moments whose window reaches beyond the end of the data are left out as censored.
 * Exact copies of a row are dropped.
 */
export async function readEvents(spec: FeatureSpec, source: RowsSource): Promise<ReadExamples> {
  const { session, plan } = source;
  const [totals] = await session.rows(
    `SELECT count(*)::DOUBLE, count(*) FILTER (moment)::DOUBLE, max(ms),
       ${spec.momentDates ? '(SELECT count(*) FROM date_moments)::DOUBLE' : '0::DOUBLE'}
     FROM rows WHERE bad IS NULL`,
  );
  const [eventCapacity = 0, eventMoments = 0, lastMs = 0, dates = 0] = (totals ?? []).map(Number);
  const own = [
    'subject_number',
    'ms',
    'content',
    flagsSql(spec),
    'coalesce(r.record, -1)::DOUBLE',
    'CASE WHEN moment THEN id END',
    ...(plan.session ? ['session_number', 'session_end'] : []),
    // Whose score it is, is told by name.
    ...(isLabelled(spec) ? [] : ['CASE WHEN moment THEN r.subject END']),
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
  if (plan.session)
    await session.run(
      `CREATE TABLE sessions AS SELECT subject AS session_subject, session AS session_name, max(ms) AS session_end,
         (row_number() OVER (ORDER BY subject, session))::INTEGER AS session_number
       FROM rows WHERE bad IS NULL GROUP BY subject, session`,
    );
  const walk = new SubjectWalk({
    capacity: eventMoments + dates,
    maxLength: spec.sequence?.maxLength ?? 0,
    label: eventLabelOf(spec.label, spec.sessionGapMinutes),
    areDates: spec.momentDates !== undefined,
    dataEndMs: spec.dataUntil === undefined ? lastMs : dateMs(spec.dataUntil),
  });
  const files = new ExampleFiles(spec, layout, source.keep);
  const subjectName = isLabelled(spec) ? null : own.length - 1;
  const reader = new EventReader({ spec, plan, scan: source.scan, subjectName }, walk, files);
  const sessions = plan.session
    ? 'LEFT JOIN sessions ON r.subject = session_subject AND r.session = session_name'
    : '';
  const sql = `SELECT ${layout.sql} FROM (${eventsSql(spec, plan)}) r JOIN subjects s ON r.subject = s.subject ${sessions}
    ${derived.length > 0 ? 'LEFT JOIN derived ON derived.record = r.record' : ''} ORDER BY subject_number, ms${spec.momentDates ? ', is_event' : ''}, r.record`;
  try {
    for await (const chunk of session.stream(sql)) reader.add(chunk);
    return reader.finish(eventCapacity);
  } catch (error) {
    files.close();
    throw error;
  }
}

/** SQL: the bits of a row. */
function flagsSql(spec: FeatureSpec): string {
  const flags: Array<[number, string]> = [
    [IS_MOMENT, 'moment'],
    [IS_LABEL_EVENT, 'label_event'],
    ...('column' in spec.label ? [[IS_POSITIVE, positiveSql(spec.label)] as [number, string]] : []),
    ...(spec.momentDates ? [[IS_DATE, 'NOT is_event'] as [number, string]] : []),
  ];
  return `(${flags.map(([bit, sql]) => `CASE WHEN ${sql} THEN ${bit} ELSE 0 END`).join(' + ')})::TINYINT`;
}

/** The usable rows, and the dates that are moments, which are no events. */
function eventsSql(spec: FeatureSpec, plan: ColumnPlan): string {
  const rows = 'SELECT *, rowid AS record FROM rows WHERE bad IS NULL';
  if (!spec.momentDates) return rows;
  const values = [
    ...plan.numeric.map((_, i) => `n${i}`),
    ...plan.categorical.map((_, i) => `k${i}`),
    ...plan.compound.map((_, i) => `x${i}`),
  ];
  return `SELECT *, true AS is_event FROM (${rows}) UNION ALL BY NAME
    SELECT ${['subject', 'ms', 'id', ...values].join(', ')}, 0::DOUBLE AS content, true AS moment, false AS label_event,
      NULL::BIGINT AS record, false AS is_event FROM date_moments`;
}

class EventReader {
  private readonly subject = new Int32Array(CHUNK_ROWS);
  private readonly ms = new Float64Array(CHUNK_ROWS);
  private readonly content = new Float64Array(CHUNK_ROWS);
  private readonly flags = new Int32Array(CHUNK_ROWS);
  private readonly record = new Float64Array(CHUNK_ROWS);
  private readonly session = new Int32Array(CHUNK_ROWS);
  private readonly sessionEnd = new Float64Array(CHUNK_ROWS).fill(NaN);
  private readonly allRows = everyRow(CHUNK_ROWS);
  private readonly keptRows = new Int32Array(CHUNK_ROWS);
  private readonly momentRows = new Int32Array(CHUNK_ROWS);
  private readonly ends = new Int32Array(CHUNK_ROWS);
  private readonly lengths = new Int32Array(CHUNK_ROWS);

  constructor(
    private readonly source: {
      readonly spec: FeatureSpec;
      readonly plan: ColumnPlan;
      readonly scan: CsvScan;
      /** The result column with the subject's name, where ids are to tell it. */
      readonly subjectName: number | null;
    },
    private readonly walk: SubjectWalk,
    private readonly files: ExampleFiles,
  ) {}

  add(chunk: DuckDBDataChunk): void {
    const { walk, files, ends, lengths } = this;
    this.readOwn(chunk);
    let kept = 0;
    let moments = 0;
    for (let row = 0; row < chunk.rowCount; row++) {
      const subject = this.subject[row] ?? 0;
      const ms = this.ms[row] ?? NaN;
      const session = this.session[row] ?? 0;
      const flags = this.flags[row] ?? 0;
      if ((flags & IS_DATE) !== 0) walk.enterDate(subject, ms);
      else {
        if (!walk.enter(subject, ms, this.content[row] ?? 0)) continue;
        this.keptRows[kept++] = row;
        if ((flags & IS_LABEL_EVENT) !== 0) walk.addLabelEvent(session);
      }
      if ((flags & IS_MOMENT) === 0) continue;
      const label = (flags & IS_POSITIVE) === 0 ? 0 : 1;
      if (!walk.addMoment(label, session, this.sessionEnd[row] ?? NaN)) continue;
      this.momentRows[moments] = row;
      ends[moments] = walk.historyEnd;
      lengths[moments++] = walk.historyLength;
    }
    const ids = Array.from(this.momentRows.subarray(0, moments), (row) => this.idOf(chunk, row));
    files.addExamples({ chunk, rows: this.momentRows, count: moments }, ids, { ends, lengths });
    if (this.source.spec.sequence) files.addEvents({ chunk, rows: this.keptRows, count: kept }, this.ms);
  }

  private idOf(chunk: DuckDBDataChunk, row: number): string {
    const { scan, subjectName } = this.source;
    const id = idOf(chunk, ID, row, scan.lines.lineOf(this.record[row] ?? 0));
    return subjectName === null ? id : idWithSubject(id, idOf(chunk, subjectName, row, 0));
  }

  finish(rowCount: number): ReadExamples {
    const { walk, files } = this;
    walk.finishSubject();
    const { eventCount, censored, momentCount } = walk;
    const traits = {
      labels: walk.labels.subarray(0, momentCount),
      at: walk.at.subarray(0, momentCount),
      entities: walk.subjects.subarray(0, momentCount),
      labelUntil: walk.labelUntil.subarray(0, momentCount),
    };
    return {
      examples: new ExampleStore(this.source.spec, files, traits),
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
    copyNumbers(picked, FLAGS, this.flags);
    copyNumbers(picked, RECORD, this.record);
    if (!this.source.plan.session) return;
    copyNumbers(picked, SESSION, this.session);
    copyNumbers(picked, SESSION_END, this.sessionEnd);
  }
}
