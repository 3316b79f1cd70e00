import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Session, type Feeds } from '../../src/engine/runtime';
import { type ArtifactTensor, artifactInputs } from '../../src/learning/export/artifact-inputs';
import { type FeatureSpec } from '../../src/learning/features/feature-spec';
import { idArtifact } from '../../src/learning/scoring/category-ids';
import { readScorable } from '../../src/learning/scoring/read-scorable';
import { writeScoreFiles } from '../../src/learning/scoring/score-files';
import { FolderObjectStores } from '../../src/platform/artifacts/folder-object-store';
import { InferencePool } from '../../src/services/prediction/pool/inference-pool';
import { datasetSource } from '../../src/services/scoring/dataset-source';
import { BATCH_ROWS, NOTHING_STORED, PART_ROWS } from '../../src/services/scoring/execute-scoring';
import { ScoringParts } from '../../src/services/scoring/scoring-parts';

export interface Workload {
  readonly csvPath: string;
  readonly spec: FeatureSpec;
  readonly artifact: Uint8Array;
  /** For what is stored on the way. */
  readonly folder: string;
  readonly threads: number;
}

export interface Measured {
  readonly rows: number;
  readonly seconds: number;
  /** Of all threads of the process, in seconds: other programs change it less. */
  readonly cpuSeconds: number;
}

/** A scoring, and how long its phases took, in seconds. */
export interface MeasuredScoring extends Measured {
  readonly phases: { readonly preparing: number; readonly scoring: number; readonly exporting: number };
}

const KEY = { tenantId: '00000000-0000-4000-8000-000000000000', sha256: 'artifact' };

function poolOf(artifact: Uint8Array, threads: number): InferencePool {
  return new InferencePool({
    threads,
    read: () => Promise.resolve(new Uint8Array(artifact)),
    maxBatchRows: BATCH_ROWS,
    deadlineMs: 600_000,
    maxQueuedRows: Infinity,
  });
}

/** A scoring as a worker executes it, from the file to the file of scores and the ranking; only the row in PostgreSQL is left out. */
export async function measureScoring(workload: Workload): Promise<MeasuredScoring> {
  const { csvPath, spec, threads } = workload;
  const workDirectory = path.join(workload.folder, 'work');
  await mkdir(workDirectory, { recursive: true });
  const stores = await FolderObjectStores.open(path.join(workload.folder, 'objects'));
  const parts = new ScoringParts(stores).of({ tenantId: KEY.tenantId, runId: 'scoring' });
  const clock = startClock();
  const since = performance.now();
  const { model, ids } = idArtifact(workload.artifact);
  const pool = poolOf(model, threads);
  const { signal } = new AbortController();
  const examples = await readScorable({ csvPath, spec, workDirectory, threads });
  const preparedAt = performance.now();
  const source = datasetSource({ examples, spec, artifact: KEY, ids, pool, partRows: PART_ROWS, signal });
  let progress = NOTHING_STORED;
  for (let next = await source.next(progress); next; next = await source.next(progress)) {
    await parts.save(progress.parts, next.part);
    progress = next.progress;
  }
  const scoredAt = performance.now();
  await writeScoreFiles({
    parts: parts.lines('scores', progress.parts),
    format: 'CSV',
    workDirectory,
    threads,
  });
  const endedAt = performance.now();
  const { cpuSeconds } = clock();
  source.close();
  await pool.close();
  await rm(workDirectory, { recursive: true });
  return {
    rows: progress.rows,
    seconds: (endedAt - since) / 1000,
    cpuSeconds,
    phases: {
      preparing: (preparedAt - since) / 1000,
      scoring: (scoredAt - preparedAt) / 1000,
      exporting: (endedAt - scoredAt) / 1000,
    },
  };
}

/** What ONNX Runtime needs for the same rows when they are encoded already: with as many threads inside a run, or with as many runs at a time, whichever is faster. */
export async function measureRaw(workload: Workload): Promise<Measured> {
  const { csvPath, spec, threads, artifact } = workload;
  const workDirectory = path.join(workload.folder, 'raw');
  await mkdir(workDirectory, { recursive: true });
  const examples = await readScorable({ csvPath, spec, workDirectory, threads });
  const batches: Record<string, ArtifactTensor>[] = [];
  for (let from = 0; from < examples.count; from += BATCH_ROWS) {
    const to = Math.min(from + BATCH_ROWS, examples.count);
    batches.push(artifactInputs(spec, await examples.read(from, to)));
  }
  const rows = examples.count;
  examples.close();
  const inside = await insideRuns(artifact, batches, threads);
  const pool = poolOf(artifact, threads);
  await pool.run(KEY, batches[0] ?? {});
  const clock = startClock();
  await Promise.all(batches.map((batch) => pool.run(KEY, batch)));
  const beside = clock();
  await pool.close();
  await rm(workDirectory, { recursive: true });
  return { rows, ...(inside.seconds < beside.seconds ? inside : beside) };
}

type Time = Pick<Measured, 'seconds' | 'cpuSeconds'>;

function startClock(): () => Time {
  const since = performance.now();
  const used = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(used);
    return { seconds: (performance.now() - since) / 1000, cpuSeconds: (user + system) / 1e6 };
  };
}

async function insideRuns(
  artifact: Uint8Array,
  batches: readonly Record<string, ArtifactTensor>[],
  threads: number,
): Promise<Time> {
  const session = await Session.create(artifact, { device: 'cpu', threads });
  const feeds = batches.map((batch) =>
    Object.fromEntries(
      Object.entries(batch).map(([name, { type, dims, data }]) => [
        name,
        { dtype: type, shape: dims, data } as Feeds[string],
      ]),
    ),
  );
  await session.run(feeds[0] ?? {});
  const clock = startClock();
  for (const feed of feeds) await session.run(feed);
  const time = clock();
  await session.close();
  return time;
}
