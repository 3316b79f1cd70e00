import { subjectKey } from '../../prediction/log/subject-key';
import { type ExportResult, SubjectRequest } from '../subject-request.entity';
import { plus } from './erasure-progress';
import { type ErasureRun } from './erasure-run';

/** Predictions of one transaction. */
const PAGE = 5_000;

const DELETE = `
WITH chosen AS MATERIALIZED (
  SELECT id FROM predictions WHERE tenant_id = $1 AND domain = ANY ($2) AND subject = $3 LIMIT ${PAGE}
), told AS (
  SELECT count(*) AS count FROM outcomes o WHERE o.tenant_id = $1 AND o.prediction_id IN (SELECT id FROM chosen)
), gone AS (
  DELETE FROM predictions WHERE tenant_id = $1 AND id IN (SELECT id FROM chosen) RETURNING 1
)
SELECT (SELECT count(*) FROM gone) AS predictions, (SELECT count FROM told) AS outcomes`;

/** Recorded predictions of the subject, with what became of them. */
export async function erasePredictions({ request, subject, lease, signal }: ErasureRun): Promise<void> {
  let last = PAGE;
  while (last >= PAGE) {
    signal.throwIfAborted();
    await lease.step(async (scope, progress) => {
      const [row] = await scope.query<{ predictions: number; outcomes: number }>(DELETE, [
        scope.tenantId,
        request.domains,
        subjectKey(subject),
      ]);
      last = row?.predictions ?? 0;
      return plus(progress, { PREDICTIONS: row?.predictions ?? 0, OUTCOMES: row?.outcomes ?? 0 });
    });
  }
}

/** What was written down about failures, where it quotes the subject. */
export async function eraseTexts({ request, subject, lease }: ErasureRun): Promise<void> {
  await lease.step(async (scope, progress) => {
    const gone = 'What went wrong quoted a subject that was erased since.';
    const parameters = [scope.tenantId, request.domains, subject, gone];
    for (const table of ['jobs', 'event_snapshots'])
      await scope.query(
        `UPDATE ${table} SET error_message = $4
          WHERE tenant_id = $1 AND kind = ANY ($2) AND position($3 in error_message) > 0`,
        parameters,
      );
    await scope.query(
      `UPDATE datasets SET rejection = rejection || jsonb_build_object('message', $4::text, 'issues', '[]'::jsonb)
        WHERE tenant_id = $1 AND kind = ANY ($2) AND position($3 in rejection::text) > 0`,
      parameters,
    );
    return progress;
  });
}

/** Files that were made for the subject itself. */
export async function eraseExports({ request, lease }: ErasureRun): Promise<void> {
  await lease.step(async (scope, progress) => {
    const requests = scope.repository(SubjectRequest);
    const exports = await requests.find({ type: 'EXPORT', pseudonym: request.pseudonym, state: 'SUCCEEDED' });
    const garbage: string[] = [];
    for (const { id, result } of exports) {
      const { sha256 } = result as ExportResult;
      if (sha256 === null) continue;
      garbage.push(sha256);
      await requests.update(
        { id },
        { result: { ...(result as ExportResult), sha256: null }, expiresAt: null },
      );
    }
    return {
      ...plus(progress, { EXPORTS: garbage.length }),
      garbage: [...progress.garbage, ...garbage],
    };
  });
}
