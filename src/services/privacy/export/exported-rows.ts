import { type CellValue, type StoredEvent } from '../../../learning/preparation/stored-event';
import { entryOf } from '../../events/keys/event-index';
import { indexesOf } from '../../events/keys/write-entries';
import { decodeSnapshot } from '../../prediction/log/snapshot';
import { subjectKey } from '../../prediction/log/subject-key';
import { type ExportedRecord, type ExportRun } from './export-subject';

/** Rows read at a time. */
const PAGE = 1_000;

type EventRow = StoredEvent & {
  readonly sequence: number;
  readonly receivedAt: Date;
  readonly cells: Readonly<Record<string, CellValue>>;
};

const EVENTS = `
SELECT id, subject AS "subjectId", at, kind, cells, sequence, received_at AS "receivedAt" FROM events
 WHERE tenant_id = $1 AND domain = $2 AND subject = $3 AND ($4::bigint IS NULL OR sequence > $4)
 ORDER BY sequence LIMIT ${PAGE}`;

async function* pages({ database, request, subject }: ExportRun, domain: string): AsyncGenerator<EventRow[]> {
  for (let after: number | null = null; ;) {
    const rows: EventRow[] = await database.inTenant(request.tenantId, (scope) =>
      scope.query<EventRow>(EVENTS, [scope.tenantId, domain, subject, after]),
    );
    if (rows.length > 0) yield rows;
    after = rows.at(-1)?.sequence ?? null;
    if (rows.length < PAGE) return;
  }
}

export async function* exportedEvents(run: ExportRun): AsyncGenerator<ExportedRecord> {
  for (const domain of run.request.domains)
    for await (const rows of pages(run, domain))
      for (const { id, at, kind, cells, receivedAt } of rows)
        yield { kind: 'EVENT', domain, id, at, eventKind: kind, values: cells, receivedAt };
}

/** In which indexes by other keys the subject's events are counted, and how many of them. */
export async function* exportedIndexes(run: ExportRun): AsyncGenerator<ExportedRecord> {
  for (const domain of run.request.domains) {
    const indexes = await run.database.inTenant(run.request.tenantId, (scope) => indexesOf(scope, domain));
    const counts = indexes.map(() => 0);
    if (indexes.length > 0)
      for await (const rows of pages(run, domain))
        for (const event of rows)
          indexes.forEach(({ index }, place) => {
            if (entryOf(index, event)) counts[place] = (counts[place] ?? 0) + 1;
          });
    for (const [place, { index }] of indexes.entries())
      if (counts[place])
        yield { kind: 'INDEX', domain, by: index.by, column: index.column ?? null, events: counts[place] };
  }
}

interface PredictionRow {
  readonly id: string;
  readonly domain: string;
  readonly at: Date;
  readonly modelVersionId: string;
  readonly role: string;
  readonly threshold: number;
  readonly probability: number;
  readonly snapshot: Buffer;
  readonly label: boolean | null;
  readonly labelAt: Date | null;
  readonly value: number | null;
  readonly source: string | null;
}

const PREDICTIONS = `
SELECT p.id, p.domain, p.at, p.model_version_id AS "modelVersionId", p.role, p.threshold, p.probability, p.snapshot,
       o.label, o.at AS "labelAt", o.value, o.source
  FROM predictions p LEFT JOIN outcomes o ON o.tenant_id = p.tenant_id AND o.prediction_id = p.id
 WHERE p.tenant_id = $1 AND p.domain = $2 AND p.subject = $3 AND ($4::uuid IS NULL OR p.id > $4)
 ORDER BY p.id LIMIT ${PAGE}`;

export async function* exportedPredictions({
  database,
  request,
  subject,
}: ExportRun): AsyncGenerator<ExportedRecord> {
  for (const domain of request.domains)
    for (let after: string | null = null; ;) {
      const rows: PredictionRow[] = await database.inTenant(request.tenantId, (scope) =>
        scope.query<PredictionRow>(PREDICTIONS, [scope.tenantId, domain, subjectKey(subject), after]),
      );
      for (const { snapshot, label, labelAt, value, source, ...row } of rows) {
        const { record, history } = decodeSnapshot(snapshot);
        yield {
          kind: 'PREDICTION',
          ...row,
          features: record.features,
          events: record.history ?? null,
          historySource: history.source,
          outcome: label === null ? null : { label, at: labelAt, value, source },
        };
      }
      after = rows.at(-1)?.id ?? null;
      if (rows.length < PAGE) break;
    }
}
