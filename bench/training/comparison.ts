import { median, significant } from '../statistics';
import { type Runner, type TimedRun } from './timed-run';

/** Two sides' runs, taken in turn. */
export interface Pair {
  readonly ours: TimedRun;
  /** Null where there is no peer. */
  readonly peer: TimedRun | null;
}

export interface Comparison {
  readonly samplesPerSecond: number;
  readonly cpuMsPerStep: number;
  readonly peer: {
    readonly name: string;
    readonly samplesPerSecond: number;
    readonly cpuMsPerStep: number;
  } | null;
  /** Median over pairs of our samples per second over the peer's: above 1, we are faster. */
  readonly ratio: number | null;
  readonly ratios: readonly number[];
  /** The same for processor time: the peer's per step over ours, so that above 1 is again to our favour. */
  readonly cpuRatio: number | null;
  readonly cpuRatios: readonly number[];
}

/** A B A B: neighbours in time see the same machine. */
export async function takeTurns(
  ours: Runner,
  peer: Runner | null,
  options: { readonly pairs: number; readonly onPair: (pair: Pair) => void },
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  while (pairs.length < options.pairs) {
    const pair = { ours: await ours.run(), peer: peer && (await peer.run()) };
    pairs.push(pair);
    options.onPair(pair);
  }
  return pairs;
}

/** Ratios are taken within pairs; all else is the median of each side. */
export function compare(pairs: readonly Pair[], peerName: string): Comparison {
  const ratios: number[] = [];
  const cpuRatios: number[] = [];
  for (const { ours, peer } of pairs) {
    if (!peer) continue;
    ratios.push(ours.samplesPerSecond / peer.samplesPerSecond);
    cpuRatios.push(peer.cpuMsPerStep / ours.cpuMsPerStep);
  }
  const peers = pairs.flatMap(({ peer }) => peer ?? []);
  return {
    ...medians(pairs.map(({ ours }) => ours)),
    peer: peers.length > 0 ? { name: peerName, ...medians(peers) } : null,
    ratio: ratios.length > 0 ? significant(median(ratios)) : null,
    ratios: ratios.map((ratio) => significant(ratio)),
    cpuRatio: cpuRatios.length > 0 ? significant(median(cpuRatios)) : null,
    cpuRatios: cpuRatios.map((ratio) => significant(ratio)),
  };
}

function medians(runs: readonly TimedRun[]): Pick<TimedRun, 'samplesPerSecond' | 'cpuMsPerStep'> {
  return {
    samplesPerSecond: significant(median(runs.map((run) => run.samplesPerSecond))),
    cpuMsPerStep: significant(median(runs.map((run) => run.cpuMsPerStep))),
  };
}
