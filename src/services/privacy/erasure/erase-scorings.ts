import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { namesSubject } from '../../../learning/preparation/erasure/remove-rows';
import { ScoresOfOthers } from '../../../learning/scoring/scores-without';
import { writeScoreFiles } from '../../../learning/scoring/score-files';
import { ModelVersion } from '../../models/model-version.entity';
import { BatchScoring, type ScoringFile, type ScoringResult } from '../../scoring/batch-scoring.entity';
import { plus } from './erasure-progress';
import { type ErasureRun } from './erasure-run';
import { filterRecords } from './filter-records';

/** Writes the files of all scorings again that hold scores of the subject, one after the other. */
export async function eraseScorings(run: ErasureRun): Promise<void> {
  const { database, request, lease, signal } = run;
  const done = await lease.step((_scope, progress) => Promise.resolve(progress));
  const rows = await database.inTenant(request.tenantId, (scope) =>
    scope.query<{ id: string }>(
      `SELECT id FROM jobs WHERE tenant_id = $1 AND type = 'SCORING' AND state = 'SUCCEEDED' AND kind = ANY ($2)
        ORDER BY sequence`,
      [request.tenantId, request.domains],
    ),
  );
  for (const { id } of rows) {
    signal.throwIfAborted();
    if (!done.scorings.includes(id)) await eraseFrom(run, id);
  }
}

/** Whether an example without a subject is its own, by its id. */
export const isScoredById = (scoring: BatchScoring, version: ModelVersion): boolean =>
  scoring.datasetId === null ||
  (version.featureSpec.subjectColumn === undefined && version.featureSpec.idColumn !== undefined);

async function eraseFrom(run: ErasureRun, id: string): Promise<void> {
  const { database, request, lease, workDirectory } = run;
  const { scoring, version } = await database.inTenant(request.tenantId, async (scope) => {
    const scoring = await scope.repository(BatchScoring).getOrThrow(id);
    return { scoring, version: await scope.repository(ModelVersion).getOrThrow(scoring.modelVersionId) };
  });
  const folder = await mkdtemp(path.join(workDirectory, 'scores-'));
  try {
    const { result } = scoring;
    const without = result && (await rewritten(run, { scoring, version, result, folder }));
    await lease.step(async (scope, progress) => {
      await scope.query(
        `UPDATE jobs SET progress = progress || '{"lastSubject": null}'
          WHERE tenant_id = $1 AND id = $2 AND progress ->> 'lastSubject' = $3`,
        [scope.tenantId, id, run.subject],
      );
      const scorings = [...progress.scorings, id];
      if (!without) return { ...progress, scorings };
      await scope.query('UPDATE jobs SET result = $3 WHERE tenant_id = $1 AND id = $2', [
        scope.tenantId,
        id,
        JSON.stringify(without.result),
      ]);
      return {
        ...plus(progress, { SCORES: without.scores, BROKEN_LINES: without.quarantined }),
        scorings,
        garbage: [...progress.garbage, ...without.garbage],
      };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Rewritten {
  readonly result: ScoringResult;
  readonly scores: number;
  readonly quarantined: number;
  readonly garbage: readonly string[];
}

async function rewritten(
  { store, subject, signal }: ErasureRun,
  {
    scoring,
    version,
    result,
    folder,
  }: {
    readonly scoring: BatchScoring;
    readonly version: ModelVersion;
    readonly result: ScoringResult;
    readonly folder: string;
  },
): Promise<Rewritten | null> {
  const put = async (file: string): Promise<ScoringFile> => store.put(createReadStream(file));
  const garbage: string[] = [];
  let { scores, ranking, quarantine } = result;
  if (!scores || !ranking) return null;
  const before = { scores: scores.sha256, ranking: ranking.sha256 };
  const count = await ScoresOfOthers.with(
    {
      path: await store.localPath(before.scores),
      format: scoring.format,
      subject,
      byId: isScoredById(scoring, version),
      signal,
    },
    async (others) => {
      const found = await others.count();
      if (found === 0) return 0;
      const files = await writeScoreFiles({
        parts: others.others(),
        format: scoring.format,
        workDirectory: folder,
        threads: 1,
        signal,
      });
      garbage.push(before.scores, before.ranking);
      scores = await put(files.scores);
      ranking = await put(files.ranking);
      return found;
    },
  );
  let quarantined = 0;
  if (quarantine) {
    const target = path.join(folder, 'quarantine.csv');
    quarantined = await filterRecords(
      await store.localPath(quarantine.sha256),
      target,
      ([line = '', , text = '']) =>
        scoring.datasetId === null
          ? line === subject
          : namesSubject(text, ',', (word) => word === subject) ||
            namesSubject(text, ';', (word) => word === subject),
    );
    if (quarantined > 0) {
      garbage.push(quarantine.sha256);
      quarantine = quarantined === result.accounting.quarantined ? null : await put(target);
    }
  }
  if (count === 0 && quarantined === 0) return null;
  const accounting = {
    ...result.accounting,
    rows: result.accounting.rows - count - quarantined,
    scored: result.accounting.scored - count,
    quarantined: result.accounting.quarantined - quarantined,
  };
  return {
    result: { ...result, accounting, scores, ranking, quarantine },
    scores: count,
    quarantined,
    garbage,
  };
}
