import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '../platform/config/config';
import { messageOf } from '../errors';
import { type DemoResult, runDemo } from './demo/run-demo';
import { discoverDomains } from './discover-domains';
import { launchPlatform } from './launcher/launch-platform';
import { ProgressBoard } from './launcher/progress-board';
import { metricsTable } from './launcher/reports';

/**
 * `npm run demo`: everything that `npm start` does, once, in an empty temporary data folder, and ends.
 * With `--json`, one JSON object on standard output; progress goes to standard error.
 */
async function main(): Promise<void> {
  const json = process.argv.includes('--json');
  const startedAt = performance.now();
  const dataDirectory = await mkdtemp(path.join(tmpdir(), 'propensity-demo-'));
  const environment = { ...process.env, PORT: '0', PROPENSITY_DATA_DIRECTORY: dataDirectory };
  const board = new ProgressBoard(process.stderr);
  const ending = new AbortController();
  process.once('SIGINT', () => ending.abort(new Error('interrupted')));
  process.once('SIGTERM', () => ending.abort(new Error('interrupted')));

  const platform = await launchPlatform({
    config: loadConfig(environment),
    environment,
    onNotice: (message) => board.note(message),
    onLog: () => undefined,
  });
  try {
    const results = await runDemo({
      ...platform,
      domains: discoverDomains(),
      dataDirectory,
      scale: 1,
      signal: ending.signal,
      board,
    });
    const totalSeconds = (performance.now() - startedAt) / 1000;
    if (json) process.stdout.write(`${JSON.stringify({ domains: results.map(asJson), totalSeconds })}\n`);
    else process.stdout.write(`\n${metricsTable(results)}\n\nin ${totalSeconds.toFixed(1)} s\n`);
  } finally {
    await platform.stop();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

const METRICS = [
  'accuracy',
  'recall',
  'precision',
  'f1',
  'rocAuc',
  'prAuc',
  'logLoss',
  'brier',
  'ece',
] as const;
type Metrics = Record<(typeof METRICS)[number], number | null>;

const metricsOf = (evaluation: Metrics): Metrics =>
  Object.fromEntries(METRICS.map((name) => [name, evaluation[name]])) as Metrics;

function asJson({ domain, seeded, model, ceiling, prediction }: DemoResult): object {
  return {
    kind: domain.kind,
    tenant: seeded.slug,
    examples: model.certificate.examples,
    metrics: metricsOf(model.evaluation),
    ceiling: metricsOf(ceiling),
    trainSeconds: model.certificate.trainSeconds,
    device: model.certificate.device,
    modelVersion: model.id,
    artifactSha256: model.artifactSha256,
    prediction,
  };
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
