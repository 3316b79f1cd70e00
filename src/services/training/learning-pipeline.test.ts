import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { modelConfigSchema } from '../../learning/architectures/model-config';
import { featureSpecSchema } from '../../learning/features/feature-spec';
import { learningPipeline } from './learning-pipeline';

const spec = featureSpecSchema.parse({
  shape: 'TABLE',
  label: { column: 'bought', positive: ['1'] },
  features: [{ type: 'numeric', name: 'age' }],
});

describe('the pipeline of a training run', () => {
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'pipeline-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([
    [
      'refuses what does not fit into the memory that the operator allows',
      1_000_000,
      'the model is too large',
    ],
    ['trains within it', 2_000_000_000, null],
  ])('%s', async (_name, memoryBytes, refusal) => {
    const csvPath = path.join(folder, 'people.csv');
    const rows = Array.from({ length: 300 }, (_, row) => `${18 + (row % 50)},${Number(row % 50 > 20)}`);
    writeFileSync(csvPath, rows.join('\n') + '\n');
    const run = learningPipeline({ device: 'cpu', concurrency: 1, memoryBytes })({
      csvPath,
      format: {
        type: 'CSV',
        compression: 'NONE',
        delimiter: ',',
        hasHeader: false,
        columns: ['age', 'bought'],
      },
      mapping: {},
      entities: [],
      receivedAt: null,
      spec,
      model: modelConfigSchema.parse({ architecture: 'conv-recurrent', dense: [4], maxEpochs: 1 }),
      workDirectory: folder,
      checkpoint: { load: () => Promise.resolve(null), save: () => Promise.resolve() },
      signal: new AbortController().signal,
      onPrepared: () => undefined,
      onPhase: () => undefined,
      onProgress: () => undefined,
    });
    if (refusal === null) expect((await run).device).toBe('cpu');
    else
      await expect(run).rejects.toMatchObject({
        code: 'INSUFFICIENT_MEMORY',
        message: expect.stringContaining(refusal) as string,
      });
  });
});
