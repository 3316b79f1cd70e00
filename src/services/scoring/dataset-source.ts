import { artifactInputs } from '../../learning/export/artifact-inputs';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type ScorableExamples } from '../../learning/scoring/read-scorable';
import { type CategoryForms } from '../../learning/preparation/raw-rows';
import { scoreLine } from '../../learning/scoring/scored-example';
import { type InferencePool } from '../prediction/pool/inference-pool';
import { type ArtifactKey } from '../prediction/pool/tensors';
import { type ScoringSource } from './scoring-source';

/** Examples that are read and scored together; the next are read meanwhile. */
const BLOCK_ROWS = 4_096;
/** Blocks that are read or scored at a time. */
const BLOCKS_AT_A_TIME = 4;

export interface DatasetSourceOptions {
  readonly examples: ScorableExamples;
  readonly spec: FeatureSpec;
  readonly artifact: ArtifactKey;
  /** How its model takes categories, that of the pool. */
  readonly ids: CategoryForms<BigInt64Array>;
  readonly pool: Pick<InferencePool, 'run'>;
  /** Examples of a part. */
  readonly partRows: number;
  readonly signal: AbortSignal;
}

/** The examples of a dataset. Reading and scoring go on at the same time; the parts come in order. */
export function datasetSource(options: DatasetSourceOptions): ScoringSource {
  const { examples, partRows, signal } = options;
  return {
    totalRows: examples.count,
    quarantine: examples.quarantine,
    async next(progress) {
      const from = progress.rows;
      const to = Math.min(from + partRows, examples.count);
      if (from >= to) return null;
      const lines: Promise<string>[] = [];
      const texts: string[] = [];
      for (let start = from; start < to; start += BLOCK_ROWS) {
        signal.throwIfAborted();
        const block = scoreBlock(options, start, Math.min(start + BLOCK_ROWS, to));
        block.catch(() => undefined);
        lines.push(block);
        if (lines.length >= BLOCKS_AT_A_TIME) texts.push((await lines.shift()) ?? '');
      }
      for (const block of lines) texts.push(await block);
      return {
        part: { scores: Buffer.from(texts.join('')), refused: Buffer.alloc(0) },
        progress: { ...progress, rows: to, totalRows: examples.count, parts: progress.parts + 1 },
      };
    },
    account: () => examples.accounting,
    close: () => examples.close(),
  };
}

async function scoreBlock(
  { examples, spec, artifact, pool, ids }: DatasetSourceOptions,
  from: number,
  to: number,
): Promise<string> {
  const inputs = artifactInputs(spec, await examples.readAs(from, to, ids));
  const { probability, logit } = await pool.run(artifact, inputs);
  const lines = examples.names(from, to).map((name, index) =>
    scoreLine({
      row: from + index + 1,
      ...name,
      probability: finite(probability?.[index], artifact),
      logit: finite(logit?.[index], artifact),
    }),
  );
  return lines.join('');
}

/** What is not a number must never look like a score. */
function finite(value: number | undefined, { sha256 }: ArtifactKey): number {
  if (value !== undefined && Number.isFinite(value)) return value;
  throw new Error(`the artifact ${sha256} did not answer with a number`);
}
