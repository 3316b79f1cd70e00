import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../statistics';
import { StubPlatform, type StubPlatformOptions } from './stub-platform';

export interface ThroughputOptions {
  readonly jobs: number;
  readonly concurrency: number;
  /** Single runs that find a free worker. */
  readonly probes: number;
}

export interface Throughput {
  /** From the first request to the last end, with jobs that take no time. */
  readonly jobsPerSecond: number;
  /** From the request of a run to its beginning on a free worker; the median. */
  readonly pickupP50Ms: number;
}

export async function measureThroughput(
  place: StubPlatformOptions,
  { jobs, concurrency, probes }: ThroughputOptions,
): Promise<Throughput> {
  const platform = await StubPlatform.open(place);
  try {
    const tenantId = await platform.tenant();
    await platform.work(concurrency, 0);
    await platform.askAndWait(tenantId);
    const pickups: number[] = [];
    for (let probe = 0; probe < probes; probe += 1) {
      const { requestedAt, begun } = await platform.askAndWait(tenantId);
      pickups.push(begun.at - requestedAt);
      await endOf(platform, platform.begun.length);
    }
    const before = platform.ended;
    const start = performance.now();
    await platform.ask(tenantId, jobs);
    await endOf(platform, before + jobs);
    return {
      jobsPerSecond: jobs / ((performance.now() - start) / 1000),
      pickupP50Ms: median(pickups),
    };
  } finally {
    await platform.close();
  }
}

export interface FairnessOptions {
  /** Runs that the one tenant has waiting. */
  readonly waiting: number;
  readonly jobMs: number;
  /** Single runs that the other tenant asks for, one after the other. */
  readonly probes: number;
}

export interface Fairness {
  /** The longest wait of a single run, over the length of the run that was executed when it was asked for. */
  readonly delayInJobLengths: number;
  /** Most runs of the tenant with many that began while a single run waited; the one that was executed is not among them. */
  readonly overtaking: number;
}

/** One worker, one tenant with many runs, and another that asks for one now and then. */
export async function measureFairness(
  place: StubPlatformOptions,
  { waiting, jobMs, probes }: FairnessOptions,
): Promise<Fairness> {
  const platform = await StubPlatform.open(place);
  try {
    const [many, single] = [await platform.tenant(), await platform.tenant()];
    await platform.ask(many, waiting);
    await platform.work(1, jobMs);
    const delays: number[] = [];
    let overtaking = 0;
    for (let probe = 0; probe < probes; probe += 1) {
      const before = platform.begun.length;
      await until(() => platform.begun.length >= before + 3);
      // At another moment of the run that is executed each time.
      await sleep((0.8 * jobMs * probe) / probes);
      const { acknowledgedAt, begun } = await platform.askAndWait(single);
      const place = platform.begun.indexOf(begun);
      const executed = platform.begun.findLastIndex(({ at }, index) => index < place && at <= acknowledgedAt);
      const length = platform.begun[executed + 1]!.at - platform.begun[executed]!.at;
      delays.push(Math.max(0, begun.at - acknowledgedAt) / length);
      overtaking = Math.max(overtaking, place - executed - 1);
    }
    return { delayInJobLengths: Math.max(...delays), overtaking };
  } finally {
    await platform.close();
  }
}

function endOf(platform: StubPlatform, count: number): Promise<void> {
  return until(() => platform.ended >= count);
}

async function until(satisfied: () => boolean): Promise<void> {
  while (!satisfied()) await sleep(2);
}
