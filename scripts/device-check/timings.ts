import { availableParallelism } from 'node:os';
import path from 'node:path';
import { significant } from '../../bench/statistics';
import { type Device } from '../../src/engine/runtime';
import { type Timing, type TimingOrder, type TimingReport } from './messages';
import { timedModels } from './timed-models';
import { watchChild } from './watched-child';

export interface TimingOptions {
  readonly device: Device;
  readonly environment: NodeJS.ProcessEnv;
  /** How long each side trains, about. */
  readonly seconds: number;
  /** In place of the models' own. */
  readonly batch?: number;
  readonly withPeer: boolean;
  readonly progress: (line: string) => void;
}

export type TrainingTime = { readonly model: string; readonly batch: number } & (
  Timing | { readonly failure: string }
);

/** As training takes them where nothing else is said. */
const MOST_THREADS = 4;
/** A driver that runs on the CPU is given the time to compile. */
const SECONDS_OF_SILENCE = 1800;

/** Times every model, each in a process of its own. */
export async function timeTraining(options: TimingOptions): Promise<TrainingTime[]> {
  const times: TrainingTime[] = [];
  for (const { name: model, batches } of timedModels())
    for (const batch of options.batch ? [options.batch] : batches) {
      const time = await timeOne({ model, batch }, options);
      times.push({ model, batch, ...time });
      options.progress(`${model}, batch ${batch}: ${described(time)}`);
    }
  return times;
}

async function timeOne(
  what: { readonly model: string; readonly batch: number },
  { device, environment, seconds, withPeer }: TimingOptions,
): Promise<Timing | { failure: string }> {
  const threads = Math.min(MOST_THREADS, availableParallelism());
  const told: { timing: Timing | null } = { timing: null };
  const end = await watchChild({
    script: path.join(__dirname, 'time-training.js'),
    environment,
    order: { ...what, device, threads, seconds, withPeer } satisfies TimingOrder,
    secondsOfSilence: SECONDS_OF_SILENCE,
    onMessage(message) {
      const report = message as TimingReport;
      if ('timing' in report) told.timing = rounded(report.timing);
    },
  });
  return told.timing ?? { failure: end ?? 'the process ended early' };
}

function rounded({ samplesPerSecond, cpuSamplesPerSecond, peer }: Timing): Timing {
  return {
    samplesPerSecond: significant(samplesPerSecond),
    cpuSamplesPerSecond: significant(cpuSamplesPerSecond),
    peer: peer && { ...peer, samplesPerSecond: significant(peer.samplesPerSecond) },
  };
}

function described(time: Timing | { failure: string }): string {
  if ('failure' in time) return time.failure;
  const { samplesPerSecond, cpuSamplesPerSecond, peer } = time;
  const there = peer ? `, ${peer.name} ${peer.samplesPerSecond}` : '';
  return `${samplesPerSecond} samples/s, CPU ${cpuSamplesPerSecond}${there}`;
}
