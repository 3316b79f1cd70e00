import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { discoverDomains } from '../../src/app/discover-domains';
import { type DomainDefinition } from '../../src/domain-kit/types';
import { Session } from '../../src/engine/runtime';
import { fitRateIntervals, rateInterval } from '../../src/learning/evaluation/rate-intervals';
import { averageExample } from '../../src/learning/explanation/average-example';
import { explainPart } from '../../src/learning/explanation/certify-explainer';
import { buildExplainer } from '../../src/learning/explanation/explainer';
import { prepareExamples } from '../../src/learning/preparation/prepare-examples';
import { type PreparedExamples } from '../../src/learning/preparation/prepared-examples';
import { type TrainedModel, trainModel } from '../../src/learning/train-model';
import { median, significant } from '../statistics';
import { type Suite, UsageError } from '../suite';

const STEPS = [8, 16, 32, 64, 128];
const EXPLAINED = 64;

interface SumError {
  readonly steps: number;
  /** |what is added up − what should be|. */
  readonly median: number;
  readonly max: number;
}

interface DomainResult {
  readonly domain: string;
  readonly preset: string;
  readonly certified: { readonly steps: number; readonly maxError: number };
  readonly errors: readonly SumError[];
  readonly intervals: {
    readonly examples: number;
    readonly bins: number;
    /** Of the bins, those whose mean true probability lies within their mean bounds. */
    readonly coveredBins: number;
    /** The share of examples whose own true probability lies within their bounds: nothing that is promised. */
    readonly coveredExamples: number;
    readonly meanWidth: number;
  };
}

interface ReasonsResult {
  readonly results: readonly DomainResult[];
}

/** How well contributions add up, and how often intervals hold the true rate of generated data. */
export const suite: Suite<ReasonsResult> = {
  title: 'how well reasons add up by steps, and how often intervals hold true rates, on generated data',
  options: {
    preset: { type: 'string', default: 'default' },
    scale: { type: 'string', default: '0.2' },
  },
  help: { preset: 'the models: default or tiny', scale: 'of the generated data; 1 is that of the demo' },
  async run(values, progress) {
    const { preset } = values;
    const scale = Number(values['scale']);
    if (preset !== 'default' && preset !== 'tiny') throw new UsageError('--preset is default or tiny');
    if (!(scale > 0 && scale <= 4)) throw new UsageError('--scale is above 0, 4 at most');
    const results: DomainResult[] = [];
    for (const domain of discoverDomains()) {
      progress(`${domain.kind}: training`);
      results.push(await ofDomain(domain, preset, scale));
    }
    return { results };
  },
  table: ({ results }) => results.map((result) => JSON.stringify(result)).join('\n'),
};

async function ofDomain(
  domain: DomainDefinition,
  preset: 'default' | 'tiny',
  scale: number,
): Promise<DomainResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-reasons-'));
  const csvPath = path.join(folder, 'events.csv');
  const data = domain.generate({ seed: 1, scale });
  await writeFile(csvPath, `${[...data.csv()].join('\n')}\n`);
  const prepared = await prepareExamples({
    csvPath,
    spec: domain.featureSpec,
    workDirectory: folder,
    seed: 1,
  });
  try {
    const trained = await trainModel({
      prepared,
      model: domain.presets[preset],
      device: 'cpu',
      checkpoint: { load: () => Promise.resolve(null), save: () => Promise.resolve() },
      signal: new AbortController().signal,
      onPhase: () => undefined,
      onProgress: () => undefined,
    });
    const { steps, maxError } = trained.explainer.certificate;
    return {
      domain: domain.kind,
      preset,
      certified: { steps, maxError: significant(maxError, 2) },
      errors: await sumErrors(prepared, trained),
      intervals: coverage(trained, data.truth),
    };
  } finally {
    await prepared.close();
    await rm(folder, { recursive: true });
  }
}

async function sumErrors(prepared: PreparedExamples, { network }: TrainedModel): Promise<SumError[]> {
  const { train, test } = prepared;
  const average = await averageExample(train, new AbortController().signal);
  const count = Math.min(test.count, EXPLAINED);
  const rows = Int32Array.from({ length: count }, (_, index) => Math.floor((index * test.count) / count));
  const results: SumError[] = [];
  for (const steps of STEPS) {
    const session = await Session.create(await buildExplainer({ ...network, average, steps }), {
      threads: 1,
    });
    const explained = await explainPart(session, network.featureMap.spec, test, rows);
    await session.close();
    const errors = explained.map(({ error }) => Math.abs(error));
    results.push({
      steps,
      median: significant(median(errors), 2),
      max: significant(Math.max(...errors), 2),
    });
  }
  return results;
}

function coverage(
  { predictions, rateIntervals }: TrainedModel,
  truth: ReadonlyMap<string, number>,
): DomainResult['intervals'] {
  // Fitted anew on one half of the test part, and asked about the other: what is foretold must be what was not seen.
  const test = predictions.filter(({ part }) => part === 'test');
  const [seen, asked] = [0, 1].map((half) => test.filter(({ subject }, n) => (subject ?? n) % 2 === half));
  const column = (of: (one: (typeof test)[number]) => number) => Float32Array.from(seen ?? [], of);
  const fitted = fitRateIntervals(
    column(({ label }) => label),
    column(({ probability }) => probability),
    seen?.[0]?.subject == null ? null : Int32Array.from(seen, ({ subject }) => subject ?? 0),
  );
  const bins = fitted.bins.map(() => ({ count: 0, truth: 0, lower: 0, upper: 0 }));
  let covered = 0;
  let width = 0;
  for (const { id, probability } of asked ?? []) {
    const own = truth.get(id) ?? NaN;
    const { lower, upper } = rateInterval(fitted, probability);
    if (lower <= own && own <= upper) covered += 1;
    width += upper - lower;
    const at = fitted.bins.findLastIndex(({ from }) => from <= probability);
    const bin = bins[Math.max(0, at)];
    if (!bin) continue;
    bin.count += 1;
    bin.truth += own;
    bin.lower += lower;
    bin.upper += upper;
  }
  const filled = bins.filter(({ count }) => count > 0);
  return {
    examples: rateIntervals.examples,
    bins: filled.length,
    coveredBins: filled.filter((bin) => bin.lower <= bin.truth && bin.truth <= bin.upper).length,
    coveredExamples: significant(covered / (asked?.length ?? 1), 2),
    meanWidth: significant(width / (asked?.length ?? 1), 2),
  };
}
