import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { AppError } from '../../src/errors';
import { type Device, installedDevices } from '../../src/engine/runtime';
import { loaderFrom } from '../../test/support/devices/software-vulkan';
import { allCases } from './all-cases';
import { type DeviceCase } from './device-case';
import { runSuite, whyUnusable } from './device-suite';
import { findFallbacks } from './fallbacks';
import { type CaseResult } from './messages';
import { type CheckOptions } from './options';
import { timeTraining, type TrainingTime } from './timings';

export interface CheckReport {
  readonly device: Device;
  /** The card's name, where NVIDIA's tools say it. */
  readonly card: string | null;
  /** Ops without a kernel there, which ran on the CPU. */
  readonly onCpu: readonly string[];
  /** Ops, layers and losses. */
  readonly ops: {
    readonly passed: number;
    readonly failed: readonly Failure[];
    /** The largest difference from the CPU, relative. */
    readonly worst: number;
  };
  /** The presets, and what was trained over several epochs. */
  readonly presets: readonly (Failure & { readonly worst: number | null; readonly seconds: number })[];
  readonly training: readonly TrainingTime[];
}

export interface Failure {
  readonly name: string;
  /** Null where nothing is wrong. */
  readonly failure: string | null;
}

/** Shaders of a first run are compiled meanwhile. */
const SECONDS_PER_CASE = 1200;
const QUICK = { seconds: 0.1, batch: 8 };

/** @throws AppError INVALID_CONFIGURATION when the device, or every one that there is, cannot be used. */
export async function check(options: CheckOptions, progress: (line: string) => void): Promise<CheckReport> {
  const environment = childEnvironment();
  const device = await chooseDevice(options.device, environment);
  const cases = allCases().filter(({ size }) => !options.quick || size === 'small');
  progress(`${cases.length} cases on ${device}`);
  const results = await runSuite({
    device,
    names: cases.map(({ name }) => name),
    environment,
    secondsPerCase: SECONDS_PER_CASE,
    onResult: ({ name, failure }) => failure && progress(`${name}: ${failure}`),
  });
  const ofKind = (...kinds: readonly DeviceCase['kind'][]): CaseResult[] =>
    results.filter((_, index) => kinds.some((kind) => kind === cases[index]?.kind));
  const small = ofKind('op', 'layer', 'loss');
  progress(
    `${results.filter(({ failure }) => failure === null).length} of them as on the CPU; timing training`,
  );
  return {
    device,
    card: cardName(),
    onCpu: device === 'cpu' ? [] : await findFallbacks({ device, environment }),
    ops: {
      passed: small.filter(({ failure }) => failure === null).length,
      failed: small.filter(({ failure }) => failure !== null).map(({ name, failure }) => ({ name, failure })),
      worst: Math.max(0, ...small.map(({ error }) => error ?? 0)),
    },
    presets: ofKind('preset', 'training').map(({ name, failure, error, seconds }) => ({
      name,
      failure,
      worst: error,
      seconds,
    })),
    training: await timeTraining({
      device,
      environment,
      seconds: options.seconds,
      withPeer: !options.quick,
      ...(options.quick && QUICK),
      progress,
    }),
  };
}

export function hasFailed({ ops, presets, training }: CheckReport): boolean {
  return (
    ops.failed.length > 0 ||
    presets.some(({ failure }) => failure !== null) ||
    training.some((time) => 'failure' in time)
  );
}

async function chooseDevice(wanted: CheckOptions['device'], environment: NodeJS.ProcessEnv): Promise<Device> {
  const candidates: readonly Device[] = wanted === 'auto' ? ['cuda', 'webgpu'] : [wanted];
  const reasons: string[] = [];
  for (const device of candidates) {
    const why = await whyUnusable({ device, environment, secondsPerCase: SECONDS_PER_CASE });
    if (why === null) return device;
    reasons.push(why);
  }
  throw new AppError('INVALID_CONFIGURATION', reasons.join('\n'));
}

/** A pack brings a Vulkan loader for machines that have a driver and none. */
function childEnvironment(): NodeJS.ProcessEnv {
  if (process.platform !== 'linux' || !installedDevices().includes('webgpu')) return process.env;
  return { ...process.env, ...loaderFrom(path.resolve(__dirname, '../../../lib')) };
}

function cardName(): string | null {
  const { stdout } = spawnSync('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], {
    encoding: 'utf8',
  });
  // No text where there is no such program, whatever the types say.
  return (stdout as string | null)?.trim().split('\n')[0] || null;
}
