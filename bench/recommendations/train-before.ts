import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DomainDefinition } from '../../src/domain-kit';
import { fieldsOf } from '../../src/learning/preparation/csv-record';
import { prepareExamples } from '../../src/learning/preparation/prepare-examples';
import { trainModel, type TrainedModel } from '../../src/learning/train-model';

/** Trains a domain's preset on the lines of a log that lie before a moment. */
export async function trainBefore(
  domain: DomainDefinition,
  lines: Iterable<string>,
  { before, preset, seed }: { before: number; preset: 'tiny' | 'default'; seed: number },
): Promise<TrainedModel> {
  const folder = await mkdtemp(path.join(tmpdir(), 'propensity-recommendations-'));
  try {
    const kept: string[] = [];
    let column = -1;
    for (const line of lines) {
      const fields = fieldsOf(line, ',');
      if (column < 0) column = fields.indexOf(domain.featureSpec.timeColumn ?? 'at');
      else if (!(Date.parse(fields[column] ?? '') < before)) continue;
      kept.push(line);
    }
    const csvPath = path.join(folder, 'before.csv');
    await writeFile(csvPath, `${kept.join('\n')}\n`);
    const prepared = await prepareExamples({
      csvPath,
      spec: domain.featureSpec,
      workDirectory: folder,
      seed,
    });
    try {
      return await trainModel({
        prepared,
        model: domain.presets[preset],
        device: 'cpu',
        threads: 2,
        checkpoint: { load: () => Promise.resolve(null), save: () => Promise.resolve() },
        signal: new AbortController().signal,
        onPhase: () => undefined,
        onProgress: () => undefined,
      });
    } finally {
      await prepared.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
