import { withExecution } from './execution';
import { loadRun, type LoadOptions, pipelineInput } from './load-run';
import { type TrialPipeline } from './training-pipeline';

export interface ExecuteTrialOptions extends LoadOptions {
  readonly trials: TrialPipeline;
}

/**
 * Executes a trial of a study: it ends with what its configuration is worth, and leaves no model version. Where the trial is to
 * choose by, the test part is not looked at. @throws as `withExecution`
 */
export async function executeTrial(options: ExecuteTrialOptions): Promise<void> {
  const { lease, trials } = options;
  await withExecution(options, async (execution) => {
    const { signal, journal, log, persist } = execution;
    const loaded = await persist(() => loadRun(options));
    const judged = await trials({
      ...pipelineInput(options, loaded, execution),
      judgesTest: loaded.run.overrides?.judgesTest ?? false,
    });
    await journal.written();
    await log.flush();
    signal.throwIfAborted();
    await persist(() => lease.succeed(judged.device, () => Promise.resolve(), judged));
  });
}
