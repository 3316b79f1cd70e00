import { createReadStream, createWriteStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { daysOf } from '../../retention/retention.service';
import { type ErasureRun } from '../erasure/erasure-run';
import { type ExportResult } from '../subject-request.entity';
import { exportedDatasets } from './exported-datasets';
import { exportedEvents, exportedIndexes, exportedPredictions } from './exported-rows';
import { exportedMarks } from './exported-marks';
import { exportedScores } from './exported-scores';

/** What an export works with. */
export type ExportRun = Omit<ErasureRun, 'training' | 'keys'>;

/** One line of the file. */
export interface ExportedRecord {
  readonly kind: string;
  readonly [member: string]: unknown;
}

/**
 * Collects everything about a subject into one file of JSON Lines; each line says its `kind`. Memory does not grow with it.
 * @returns true: it is done at once
 */
export async function exportSubject(run: ExportRun): Promise<true> {
  const { database, request, store, lease, workDirectory, signal } = run;
  const file = path.join(workDirectory, 'export.jsonl');
  const records: Record<string, number> = {};
  const lines = async function* (): AsyncGenerator<string> {
    for (const source of [
      exportedMarks,
      exportedEvents,
      exportedIndexes,
      exportedDatasets,
      exportedScores,
      exportedPredictions,
    ])
      for await (const record of source(run)) {
        signal.throwIfAborted();
        records[record.kind] = (records[record.kind] ?? 0) + 1;
        yield `${JSON.stringify(record)}\n`;
      }
  };
  await pipeline(lines, createWriteStream(file, { flags: 'wx', mode: 0o600 }), { signal });
  const { sha256, bytes } = await store.put(createReadStream(file));
  const { days } = await database.inTenant(request.tenantId, daysOf);
  await lease.succeed({ sha256, bytes, records } satisfies ExportResult, { keepDays: days.EXPORTS });
  return true;
}
