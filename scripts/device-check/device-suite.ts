import path from 'node:path';
import { type Device } from '../../src/engine/runtime';
import { type CaseReport, type CaseResult, type CasesOrder } from './messages';
import { watchChild } from './watched-child';

export interface SuiteOptions {
  readonly device: Device;
  /** Of `allCases`, by name. */
  readonly names: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Of a case: after it the process is ended, and the case has failed. */
  readonly secondsPerCase: number;
  /** The built `compute-cases.js`. */
  readonly script?: string;
  readonly onResult?: (result: CaseResult) => void;
}

/**
 * Computes cases on a device and compares each with the CPU, in processes of their own: where one crashes or hangs, the
 * case has failed, and the next process goes on behind it. One result per name, in order.
 */
export async function runSuite(options: SuiteOptions): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  const add = (result: CaseResult): void => {
    results.push(result);
    options.onResult?.(result);
  };
  while (results.length < options.names.length) {
    const { begun, end } = await computeIn(options.names.slice(results.length), options, add);
    const left = options.names.slice(results.length);
    const why = end ?? 'the process ended early';
    // Where not one case was begun, none ever will be.
    for (const name of begun === null ? left : left.slice(0, 1))
      add({ name, seconds: 0, error: null, failure: begun === name ? `${why} while it ran` : why });
  }
  return results;
}

/** Why a device opens no session; null when it does. */
export async function whyUnusable(
  options: Pick<SuiteOptions, 'device' | 'environment' | 'secondsPerCase'>,
): Promise<string | null> {
  return (await computeIn([], { ...options, names: [] }, () => undefined)).end;
}

/** One process, until its cases are done or it ends otherwise. */
async function computeIn(
  names: readonly string[],
  options: SuiteOptions,
  onResult: (result: CaseResult) => void,
): Promise<{ begun: string | null; end: string | null }> {
  const told: { begun: string | null; unusable: string | null } = { begun: null, unusable: null };
  const end = await watchChild({
    script: options.script ?? path.join(__dirname, 'compute-cases.js'),
    environment: options.environment,
    order: { device: options.device, names } satisfies CasesOrder,
    secondsOfSilence: options.secondsPerCase,
    onMessage(message) {
      const report = message as CaseReport;
      if ('begun' in report) told.begun = report.begun;
      else if ('ended' in report) onResult(report.ended);
      else told.unusable = report.unusable;
    },
  });
  return { begun: told.begun, end: told.unusable ?? end };
}
