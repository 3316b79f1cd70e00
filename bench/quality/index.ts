import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { launchPlatform, type Platform } from '../../src/app/launcher/launch-platform';
import { loadConfig } from '../../src/platform/config/config';
import { platformEnvironment } from '../../test/support/platform-environment';
import { type Suite, UsageError } from '../suite';
import { help, options, readOptions } from './options';
import { describeProtocol, protocolRuns } from './protocol';
import { type QualitySet, readRecipe, readSets } from './quality-set';
import { type QualityResult, type RunMetrics, setResult, type SetResult } from './result';
import { tableOf } from './table';
import { BenchTenant } from './tenant';

/** Logistic regression on the same features and parts. */
const BASELINE = { architecture: 'linear' };

interface Bench {
  readonly platform: Platform;
  readonly data: string;
  readonly folds: number | null;
  readonly recipe: object;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** How good models of public data are: a platform of its own, and nothing but what a tenant can do. */
export const suite: Suite<QualityResult> = {
  title: 'models of public data sets through the API, beside logistic regression and what others reach',
  options,
  help,
  async run(values, progress) {
    const { data, only, folds } = readOptions(values);
    const sets = await readSets(only);
    if (data === null) return { results: [], skipped: 'without --data <folder> there is nothing to measure' };
    const folder = path.resolve(data);
    await Promise.all(sets.flatMap(({ files }) => files.map((file) => requireFile(path.join(folder, file)))));
    const recipe = await readRecipe();
    return withPlatform(progress, async (platform, signal) => {
      const results: SetResult[] = [];
      for (const set of sets)
        results.push(await measure(set, { platform, data: folder, folds, recipe, signal, progress }));
      return { results };
    });
  },
  table: tableOf,
};

async function measure(set: QualitySet, bench: Bench): Promise<SetResult> {
  const { platform, data, folds, recipe, signal, progress } = bench;
  const tenant = await BenchTenant.create(platform, set, signal);
  const model = { ...recipe, ...set.modelConfig };
  const runs = { model: [] as RunMetrics[], baseline: [] as RunMetrics[] };
  let datasetId: string | null = null;
  for (const { name, featureSpec } of protocolRuns(set, folds)) {
    for (const [part, modelConfig] of [
      ['baseline', BASELINE],
      ['model', model],
    ] as const) {
      await tenant.configure(featureSpec, modelConfig);
      datasetId ??= await tenant.upload(data);
      const metrics = await tenant.train(datasetId);
      runs[part].push(metrics);
      const { rocAuc, logLoss, seconds } = metrics;
      progress(
        `${set.name}, ${name}, ${part}: AUC ${rocAuc?.toFixed(4) ?? '–'}, log loss ${logLoss?.toFixed(4) ?? '–'}, ${seconds.toFixed(1)} s`,
      );
    }
  }
  return setResult(set, describeProtocol(set, folds), runs);
}

/** A platform on embedded defaults, whatever is set here, in a temporary folder, gone afterwards. */
async function withPlatform<T>(
  progress: (line: string) => void,
  work: (platform: Platform, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const dataDirectory = await mkdtemp(path.join(tmpdir(), 'propensity-quality-'));
  const environment = { ...platformEnvironment(), PORT: '0', PROPENSITY_DATA_DIRECTORY: dataDirectory };
  const ending = new AbortController();
  const end = () => ending.abort(new Error('interrupted'));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  try {
    const platform = await launchPlatform({
      config: loadConfig(environment),
      environment,
      onNotice: progress,
      onLog: () => undefined,
    });
    try {
      return await work(platform, ending.signal);
    } finally {
      await platform.stop();
    }
  } finally {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

async function requireFile(file: string): Promise<void> {
  try {
    await access(file);
  } catch {
    throw new UsageError(`--data: there is no file ${file}`);
  }
}
