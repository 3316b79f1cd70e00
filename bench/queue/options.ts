import { type OptionValues, type Suite, UsageError } from '../suite';

export const options: Suite['options'] = {
  jobs: { type: 'string' },
  concurrency: { type: 'string' },
  waiting: { type: 'string' },
  'job-ms': { type: 'string' },
  probes: { type: 'string' },
};

export const help: Suite['help'] = {
  jobs: 'jobs that take no time, for jobs per second: 500 unless given',
  concurrency: 'of them at a time: 4 unless given',
  waiting: 'jobs that one tenant has waiting when another asks for one: 1000 unless given',
  'job-ms': 'how long each of these takes, in milliseconds: 100 unless given',
  probes: 'single jobs for each of the two: 20 unless given',
};

export interface QueueOptions {
  readonly jobs: number;
  readonly concurrency: number;
  readonly waiting: number;
  readonly jobMs: number;
  readonly probes: number;
}

/** @throws UsageError naming the option and what it may be. */
export function readOptions(values: OptionValues): QueueOptions {
  return {
    jobs: positive(values, 'jobs', 500),
    concurrency: positive(values, 'concurrency', 4),
    waiting: positive(values, 'waiting', 1000),
    jobMs: positive(values, 'job-ms', 100),
    probes: positive(values, 'probes', 20),
  };
}

function positive(values: OptionValues, name: string, otherwise: number): number {
  const text = values[name];
  if (text === undefined) return otherwise;
  if (typeof text === 'string' && /^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UsageError(`--${name} takes whole numbers above 0, not ${String(text)}`);
}
