import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { scoreLine } from '../../../src/learning/scoring/scored-example';
import { writeScoreFiles } from '../../../src/learning/scoring/score-files';
import { type ApiTenant, type TestApi } from './test-api';

export interface StoredScoring {
  readonly kind: string;
  readonly modelVersionId: string;
  /** Of the subjects `u0`, `u1`, …, in single precision. */
  readonly probabilities: readonly number[];
}

/** A scoring of stored subjects as a worker leaves it; its id. */
export async function storeScoring(
  { database, stores }: TestApi,
  owner: ApiTenant,
  { kind, modelVersionId, probabilities }: StoredScoring,
): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'scoring-'));
  try {
    const lines = probabilities.map((probability, i) =>
      scoreLine({
        row: i + 1,
        id: `u${i}`,
        subjectId: `u${i}`,
        at: new Date(0),
        probability: Math.fround(probability),
        logit: 0,
      }),
    );
    const parts = Readable.from([Buffer.from(lines.join(''))]) as AsyncIterable<Uint8Array>;
    const files = await writeScoreFiles({ parts, format: 'CSV', workDirectory: folder });
    const store = stores.forTenant(owner.id);
    const [scores, ranking] = [
      await store.put(await readFile(files.scores)),
      await store.put(await readFile(files.ranking)),
    ];
    const count = probabilities.length;
    const accounting = { rows: count, quarantined: 0, duplicates: 0, history: 0, dates: 0, scored: count };
    const id = randomUUID();
    await database.inTenant(owner.id, (scope) =>
      scope.query(
        `INSERT INTO jobs (tenant_id, id, type, kind, model_version_id, as_of, watermark, format, state, result,
                           requested_by, request_id, finished_at)
         VALUES ($1, $2, 'SCORING', $3, $4, '2025-04-01', 1, 'CSV', 'SUCCEEDED', $5, $6, 'request', now())`,
        [
          owner.id,
          id,
          kind,
          modelVersionId,
          JSON.stringify({ accounting, scores, ranking, quarantine: null, reasons: [] }),
          owner.keyId,
        ],
      ),
    );
    return id;
  } finally {
    await rm(folder, { recursive: true });
  }
}
