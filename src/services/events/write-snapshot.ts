import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { AppError } from '../../errors';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type CellValue, storedHeader, storedLine } from '../../learning/preparation/stored-event';
import { storageError } from '../../platform/artifacts/storage-errors';
import { type Database } from '../../platform/persistence/database';
import { type EventSnapshot } from './event-snapshot.entity';

/** Rows read at a time: what bounds the memory. */
const PAGE = 1_000;

const CURSOR = `
DECLARE stored_events NO SCROLL CURSOR FOR
SELECT sequence, id, subject AS "subjectId", at, kind, cells FROM events
 WHERE tenant_id = $1 AND domain = $2 AND sequence <= $3
   AND ($4::timestamptz IS NULL OR at >= $4) AND ($5::timestamptz IS NULL OR at < $5)
 ORDER BY sequence`;

interface Row {
  readonly sequence: number;
  readonly id: string;
  readonly subjectId: string;
  readonly at: Date;
  readonly kind: string;
  readonly cells: Readonly<Record<string, CellValue>>;
}

export interface WriteSnapshotOptions {
  readonly database: Database;
  readonly snapshot: EventSnapshot;
  readonly spec: FeatureSpec;
  /** Of the file to be made. */
  readonly path: string;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly onProgress: (position: number, eventCount: number) => void;
}

/**
 * Writes the snapshot's events to a CSV file, in the order of acceptance: as they are as of one moment, page by page. The
 * same events under the same specification give the same bytes.
 *
 * @throws AppError INVALID_DATA when there is no event in the range; PAYLOAD_TOO_LARGE; UNAVAILABLE; the signal's reason
 */
export async function writeSnapshot(
  options: WriteSnapshotOptions,
): Promise<{ readonly sha256: string; readonly bytes: number; readonly eventCount: number }> {
  const { database, snapshot, spec, maxBytes, signal, onProgress } = options;
  const { tenantId, kind, watermark, fromAt, untilAt } = snapshot;
  const digest = createHash('sha256');
  let bytes = 0;
  let eventCount = 0;
  const file = await open(options.path, 'wx', 0o600).catch((error: unknown) => {
    throw storageError(error);
  });
  const write = async (text: string): Promise<void> => {
    const chunk = Buffer.from(text);
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    digest.update(chunk);
    await file.writeFile(chunk).catch((error: unknown) => {
      throw storageError(error);
    });
  };
  try {
    await write(storedHeader(spec));
    await database.asOfOneMoment(tenantId, async (scope) => {
      // It is read to its end: not what gives the first rows soonest, but what gives all.
      await scope.query("SELECT set_config('cursor_tuple_fraction', '1', true)");
      await scope.query(CURSOR, [
        ...[tenantId, kind, watermark],
        ...[fromAt, untilAt].map((moment) => moment?.toISOString() ?? null),
      ]);
      for (;;) {
        const rows = await scope.query<Row>(`FETCH ${PAGE} FROM stored_events`);
        signal.throwIfAborted();
        const last = rows.at(-1);
        if (!last) break;
        await write(rows.map((row) => storedLine(spec, row)).join(''));
        eventCount += rows.length;
        onProgress(last.sequence, eventCount);
      }
    });
  } finally {
    await file.close();
  }
  if (eventCount === 0)
    throw new AppError('INVALID_DATA', 'No stored event lies in the range: choose a wider one.');
  return { sha256: digest.digest('hex'), bytes, eventCount };
}

function tooLarge(maxBytes: number): AppError {
  return new AppError(
    'PAYLOAD_TOO_LARGE',
    `The events would make a file of more than ${maxBytes} bytes: choose a shorter range.`,
  );
}
