import { createReadStream } from 'node:fs';
import path from 'node:path';
import { inspectUpload } from '../../learning/preparation/mapping/inspect-upload';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { type Database } from '../../platform/persistence/database';
import { Dataset } from '../datasets/dataset.entity';
import { readyValues } from '../datasets/ready-values';
import { QuotaExceededError } from '../../platform/tenancy/quotas/quota';
import { removeUnreferenced } from '../privacy/remove-unreferenced';
import { requireRoomTaken } from '../quotas/require-room';
import { DomainConfiguration } from '../domains/domain-configuration.entity';
import { type EventSnapshot } from './event-snapshot.entity';
import { eventSpecOf } from './event-spec';
import { type SnapshotLease } from './snapshot-lease';
import { writeSnapshot } from './write-snapshot';

export interface MakeSnapshotOptions {
  readonly database: Database;
  readonly objects: ObjectStores;
  readonly lease: SnapshotLease;
  /** Largest file. */
  readonly maxBytes: number;
  readonly workDirectory: string;
  readonly signal: AbortSignal;
  readonly onProgress: (position: number, eventCount: number) => void;
}

/**
 * Makes the dataset of a snapshot whose lease is held: writes the file, inspects it as an upload, stores it, and ends the
 * snapshot with it.
 *
 * @throws AppError as `writeSnapshot` and `inspectUpload`; QUOTA_EXCEEDED; SnapshotLostError; the signal's reason
 */
export async function makeSnapshot(snapshot: EventSnapshot, options: MakeSnapshotOptions): Promise<void> {
  const { database, objects, lease, workDirectory, signal, onProgress } = options;
  const { tenantId, kind, name, configurationId, requestedBy } = snapshot;
  const spec = await database.inTenant(tenantId, async (scope) =>
    eventSpecOf(await scope.repository(DomainConfiguration).getOrThrow(configurationId)),
  );
  const file = path.join(workDirectory, 'events.csv');
  const { sha256, bytes, eventCount } = await writeSnapshot({ ...options, snapshot, spec, path: file });
  onProgress(snapshot.watermark, eventCount);
  await lease.report({ position: snapshot.watermark, eventCount });
  const inspection = await inspectUpload(file, spec, {
    workDirectory,
    threads: 1,
    format: { type: 'CSV', delimiter: ',', hasHeader: true },
    signal,
  });
  signal.throwIfAborted();
  const store = objects.forTenant(tenantId);
  await store.put(createReadStream(file), { expectedSha256: sha256 });
  try {
    await lease.succeed(async (scope) => {
      const dataset = await scope
        .repository(Dataset)
        .insert({ kind, name, ...readyValues({ sha256, bytes, inspection }), createdBy: requestedBy });
      await requireRoomTaken(scope, {}, { STORED_ROWS: inspection.rowCount, STORED_BYTES: bytes });
      return dataset;
    });
  } catch (error) {
    if (error instanceof QuotaExceededError) await removeUnreferenced(database, store, { tenantId, sha256 });
    throw error;
  }
}
