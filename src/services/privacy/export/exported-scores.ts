import { fieldsOf } from '../../../learning/preparation/csv-record';
import { ScoresOfOthers } from '../../../learning/scoring/scores-without';
import { ModelVersion } from '../../models/model-version.entity';
import { BatchScoring } from '../../scoring/batch-scoring.entity';
import { isScoredById } from '../erasure/erase-scorings';
import { type ExportedRecord, type ExportRun } from './export-subject';

/** The subject's scores of all scorings that have succeeded. */
export async function* exportedScores({
  database,
  request,
  store,
  subject,
  signal,
}: ExportRun): AsyncGenerator<ExportedRecord> {
  const rows = await database.inTenant(request.tenantId, (scope) =>
    scope.query<{ id: string }>(
      `SELECT id FROM jobs WHERE tenant_id = $1 AND type = 'SCORING' AND state = 'SUCCEEDED' AND kind = ANY ($2)
        ORDER BY sequence`,
      [request.tenantId, request.domains],
    ),
  );
  for (const { id } of rows) {
    const { scoring, version } = await database.inTenant(request.tenantId, async (scope) => {
      const scoring = await scope.repository(BatchScoring).getOrThrow(id);
      return { scoring, version: await scope.repository(ModelVersion).getOrThrow(scoring.modelVersionId) };
    });
    if (!scoring.result?.scores) continue;
    const path = await store.localPath(scoring.result.scores.sha256);
    const options = { path, format: scoring.format, subject, byId: isScoredById(scoring, version), signal };
    const lines = await ScoresOfOthers.with(options, async (scores) => {
      const own: string[] = [];
      for await (const block of scores.own()) own.push(block);
      return own.join('').split('\n').slice(0, -1);
    });
    for (const line of lines) {
      const [row, exampleId, , at, probability] = fieldsOf(line, ',');
      yield {
        kind: 'SCORE',
        domain: scoring.kind,
        scoringId: id,
        modelVersionId: version.id,
        ...{ row: Number(row), exampleId, at: at === '' ? null : at, probability: Number(probability) },
      };
    }
  }
}
