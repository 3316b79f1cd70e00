import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { discoverDomains } from '../../../src/app/discover-domains';
import { type ModelConfig } from '../../../src/learning/architectures/model-config';
import { type PreparedExamples, prepareExamples } from '../../../src/learning/preparation/prepare-examples';
import { trainModel } from '../../../src/learning/train-model';
import { MemoryCheckpoints } from '../../../src/learning/training/test-support';
import { CsvFiles } from '../../support/csv-files';

/**
 * The losses of every preset, epoch by epoch, on generated data of one seed; the curves lie beside this file. Whoever
 * moves one has changed how models learn, by mistake or on purpose. On purpose, they are written anew by
 *
 *     UPDATE_GOLDEN=1 npx jest test/golden/loss-curves
 *
 * Another processor adds the same numbers in another order, and hundreds of steps let the last digit of a weight grow:
 * a learning rate that differs by 10⁻⁶ moves these losses by up to 2·10⁻⁴ of their value, one that differs by 10⁻⁵ by
 * up to 10⁻³. The tolerance is well above that.
 */
const TOLERANCE = 5e-3;
const DATA = { seed: 11, scale: 0.05 };
const PRESETS = ['tiny', 'default'] as const;

interface Epoch {
  readonly trainLoss: number;
  readonly validationLoss: number;
}
type Curves = Partial<Record<(typeof PRESETS)[number], Epoch[]>>;

async function curveOf(prepared: PreparedExamples, model: ModelConfig): Promise<Epoch[]> {
  const { epochs } = await trainModel({
    prepared,
    model,
    device: 'cpu',
    threads: 1,
    checkpoint: new MemoryCheckpoints(),
    signal: new AbortController().signal,
    onPhase: () => undefined,
    onProgress: () => undefined,
  });
  return epochs.map(({ trainLoss, validationLoss }) => ({
    trainLoss: Number(trainLoss.toPrecision(6)),
    validationLoss: Number(validationLoss.toPrecision(6)),
  }));
}

describe.each(discoverDomains())('the loss curves of $slug', (domain) => {
  const file = join(__dirname, `${domain.slug}.json`);
  const isWritten = Boolean(process.env['UPDATE_GOLDEN']);
  let files: CsvFiles;
  let prepared: PreparedExamples;
  let golden: Curves;

  beforeAll(async () => {
    files = await CsvFiles.create();
    const csvPath = await files.write([...domain.generate(DATA).csv()].join('\n') + '\n');
    const spec = domain.featureSpec;
    prepared = await prepareExamples({ csvPath, spec, workDirectory: files.folder, seed: 1 });
    golden = isWritten ? {} : (JSON.parse(readFileSync(file, 'utf8')) as Curves);
  });
  afterAll(async () => {
    if (isWritten) writeFileSync(file, JSON.stringify(golden, null, 2) + '\n');
    await prepared.close();
    await files.remove();
  });

  it.each(PRESETS)('are what they were: %s', async (preset) => {
    const curve = await curveOf(prepared, domain.presets[preset]);
    if (isWritten) golden[preset] = curve;
    expect(curve).toHaveLength(golden[preset]!.length);
    curve.forEach((epoch, index) => {
      const expected = golden[preset]![index]!;
      expect(Math.abs(epoch.trainLoss / expected.trainLoss - 1)).toBeLessThan(TOLERANCE);
      expect(Math.abs(epoch.validationLoss / expected.validationLoss - 1)).toBeLessThan(TOLERANCE);
    });
  });
});
