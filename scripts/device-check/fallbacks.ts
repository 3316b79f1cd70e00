import path from 'node:path';
import { AppError } from '../../src/errors';
import { type Device } from '../../src/engine/runtime';
import { type FallbacksOrder, type FallbacksReport } from './messages';
import { watchChild } from './watched-child';

const SECONDS_OF_SILENCE = 1200;

/**
 * The ops that have no kernel on a device, for single precision and the integers that they are used with: ONNX Runtime
 * runs them on the CPU.
 *
 * @throws AppError UNAVAILABLE when the process that looks for them ends without an answer.
 */
export async function findFallbacks(options: {
  readonly device: Device;
  readonly environment: NodeJS.ProcessEnv;
  readonly script?: string;
}): Promise<readonly string[]> {
  const told: { report: FallbacksReport | null } = { report: null };
  const end = await watchChild({
    script: options.script ?? path.join(__dirname, 'find-fallbacks.js'),
    environment: options.environment,
    order: { device: options.device } satisfies FallbacksOrder,
    secondsOfSilence: SECONDS_OF_SILENCE,
    onMessage: (message) => (told.report = message as FallbacksReport),
  });
  if (told.report) return told.report.onCpu;
  throw new AppError('UNAVAILABLE', `fallbacks were not found: ${end ?? 'the process ended early'}`);
}
