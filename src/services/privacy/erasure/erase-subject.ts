import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { eraseDatasets } from './erase-datasets';
import { eraseEventPage } from './erase-events';
import { eraseModels } from './erase-models';
import { eraseExports, erasePredictions, eraseTexts } from './erase-rest';
import { eraseScorings } from './erase-scorings';
import { deleteGarbage } from './delete-garbage';
import { type ErasureProgress, plus, REMOVED_KINDS } from './erasure-progress';
import { type ErasureRun } from './erasure-run';
import { RECEIPT_FORMAT, signReceipt } from './receipt';

/** NOTIFY channel; payload `{tenantId}`, delivered when an erasure has ended. */
export const SUBJECT_ERASED_CHANNEL = 'subject_erased';

/** Jobs that began before the files were clean, and may have read them as they were. */
const AT_WORK = `
SELECT 1 FROM jobs WHERE tenant_id = $1 AND kind = ANY ($2) AND finished_at IS NULL AND attempt > 0 AND started_at < $3
 UNION ALL
SELECT 1 FROM event_snapshots
 WHERE tenant_id = $1 AND kind = ANY ($2) AND finished_at IS NULL AND attempt > 0 AND started_at < $3 LIMIT 1`;

/**
 * Erases a subject. Each step finds out for itself what is left to do, so that it may be done again by whoever takes over.
 * What replaces something is stored before it is referred to, and what was replaced goes last.
 * @returns false when jobs have to end first that may have read the subject's data: it is to be gone on with later
 */
export async function eraseSubject(run: ErasureRun): Promise<boolean> {
  await eraseEvents(run);
  await eraseDatasets(run);
  if (await othersAreAtWork(run)) return false;
  await eraseModels(run);
  await eraseScorings(run);
  await erasePredictions(run);
  await eraseTexts(run);
  await eraseExports(run);
  await deleteGarbage(run);
  await finish(run);
  return true;
}

async function eraseEvents({ request, subject, lease, signal }: ErasureRun): Promise<void> {
  for (const domain of request.domains)
    for (let erased = 1; erased > 0;) {
      signal.throwIfAborted();
      await lease.step(async (scope, progress) => {
        const counted = progress.counted[domain] ?? null;
        const { events, entries } = await eraseEventPage(scope, { domain, subject, counted });
        erased = events;
        return plus(progress, { EVENTS: events, INDEX_ENTRIES: entries });
      });
    }
}

async function othersAreAtWork({ database, request, lease }: ErasureRun): Promise<boolean> {
  const { cleanedAt } = await lease.step((_scope, progress) => Promise.resolve(progress));
  const rows = await database.inTenant(request.tenantId, (scope) =>
    scope.query(AT_WORK, [request.tenantId, request.domains, cleanedAt]),
  );
  return rows.length > 0;
}

async function finish({ request, keys, lease }: ErasureRun): Promise<void> {
  const progress = await lease.step((_scope, done) => Promise.resolve(done));
  const receipt = signReceipt(keys, {
    format: RECEIPT_FORMAT,
    receiptId: request.id,
    tenantId: request.tenantId,
    subject: request.pseudonym,
    domains: request.domains,
    requestedAt: request.requestedAt.toISOString(),
    completedAt: new Date().toISOString(),
    removed: removedList(progress),
    datasets: progress.datasets.map(({ datasetId, rows }) => ({ datasetId, rows })),
    modelVersions: progress.versions,
  });
  const announce = (scope: TenantScope): Promise<void> =>
    scope.notify(SUBJECT_ERASED_CHANNEL, { tenantId: request.tenantId });
  await lease.succeed(receipt, { record: announce });
}

function removedList({ removed }: ErasureProgress): { readonly what: string; readonly count: number }[] {
  return REMOVED_KINDS.map((what) => ({ what, count: removed[what] ?? 0 }));
}
