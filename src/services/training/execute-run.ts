import { appendLines } from '../jobs/log/append-lines';
import { logLine } from '../jobs/log/log-line';
import { recordModelVersion } from '../models/record-model-version';
import { withExecution } from './execution';
import { loadRun, type LoadedRun, type LoadOptions, pipelineInput } from './load-run';
import { predictionsCsv } from './predictions-csv';
import { startSaid } from './run-said';
import { assertStillUsable, refusedStart } from './start-version';
import { type PipelineResult, type TrainingPipeline } from './training-pipeline';

export interface ExecuteOptions extends LoadOptions {
  readonly pipeline: TrainingPipeline;
}

/** Executes a run: from its data set to a model version. @throws as `withExecution` */
export async function executeRun(options: ExecuteOptions): Promise<void> {
  await withExecution(options, async (execution) => {
    const { signal, journal, log, persist } = execution;
    const loaded = await persist(() => loadRun(options));
    let isWarm = false;
    if (loaded.start && 'refused' in loaded.start) {
      const refused = refusedStart(loaded.start.refused);
      journal.started(refused);
      log.say(startSaid(refused));
    }
    const result = await options.pipeline({
      ...pipelineInput(options, loaded, execution),
      startFrom: loaded.start && 'weights' in loaded.start ? loaded.start.weights : undefined,
      onStart: (start) => {
        isWarm = start.refused === null;
        journal.started(start);
        log.say(startSaid(start));
      },
    });
    await journal.written();
    await log.flush();
    signal.throwIfAborted();
    await persist(() => finish(options, { ...loaded, isWarm }, result));
  });
}

/** Stores what the training brought forth and ends the run with it. Doing it twice leaves one model version. */
async function finish(
  { objects, lease }: ExecuteOptions,
  { run, spec, isWarm }: LoadedRun & { readonly isWarm: boolean },
  result: PipelineResult,
): Promise<void> {
  const store = objects.forTenant(lease.key.tenantId);
  // Content-addressed: what a lost lease leaves behind is found again by the next execution, or is the same bytes.
  const artifact = await store.put(result.artifact);
  if (result.explainer?.bytes) await store.put(result.explainer.bytes);
  const reference =
    result.driftReference && (await store.put(Buffer.from(JSON.stringify(result.driftReference))));
  const weights = result.kept && (await store.put(result.kept));
  const predictions = await store.put(predictionsCsv(result.predictions, result.heldOutFeatures));
  await lease.succeed(result.device, async (scope) => {
    // One that was refused its start has learned nothing from it.
    if (run.startVersionId !== null && isWarm) await assertStillUsable(scope, run.startVersionId);
    const { number } = await recordModelVersion(scope, {
      kind: run.kind,
      runId: run.id,
      artifactSha256: artifact.sha256,
      artifactBytes: artifact.bytes,
      predictionsSha256: predictions.sha256,
      featureSpec: spec,
      evaluation: result.evaluation,
      certificate: result.certificate,
      baseline: result.baseline ?? null,
      explainer: result.explainer?.certificate ?? null,
      rateIntervals: result.rateIntervals ?? null,
      driftReferenceSha256: reference?.sha256 ?? null,
      weightsSha256: weights?.sha256 ?? null,
      recommendedThreshold: result.recommendedThreshold,
    });
    const said = { level: 'INFO', message: `Version ${number} of ${run.kind} came of it.` } as const;
    await appendLines(scope, { jobId: run.id }, [logLine('SUCCEEDED', said)]);
  });
}
