import { significant } from '../statistics';
import { type Bench } from './bench';
import { compare, type Pair, takeTurns } from './comparison';
import { EngineRunner } from './engine-runner';
import { watchOtherLoad } from './other-load';
import { type ModelResult } from './result';
import { PEER_NAME } from './torch-peer';
import { type Workload } from './workload';

/** In cores. Above it, ratios tell more about how each side's threads wait than about its arithmetic. */
const TOLERABLE_LOAD = 0.2;

/** A workload at every batch size, in turn with the peer. */
export async function measureWorkload(workload: Workload, bench: Bench): Promise<ModelResult[]> {
  const results: ModelResult[] = [];
  for (const batch of bench.options.batches) results.push(await measureBatch(workload, batch, bench));
  return results;
}

async function measureBatch(workload: Workload, batch: number, bench: Bench): Promise<ModelResult> {
  const { options, peer, progress } = bench;
  const { threads, secondsPerRun: seconds, pairs } = options;
  const what = `${workload.name}, batch ${batch}`;
  progress(`${what}: warming up`);
  const ours = await EngineRunner.prepare(workload, { batch, threads, seconds });
  try {
    const { parameters } = ours;
    const theirs = peer && (await peer.prepare(workload, ours.batches, { batch, seconds }));
    if (theirs && theirs.parameters !== parameters)
      throw new Error(
        `${what}: not the same model, ${parameters} parameters here and ${theirs.parameters} there`,
      );
    const otherLoad = watchOtherLoad();
    const taken = await takeTurns(ours, theirs, {
      pairs,
      onPair: (pair) => progress(`${what}: ${describePair(pair)}`),
    });
    const ownCpuSeconds = taken
      .flatMap((pair) => [pair.ours, pair.peer])
      .reduce((sum, run) => sum + (run?.cpuSeconds ?? 0), 0);
    const load = significant(otherLoad(ownCpuSeconds), 2);
    if (load > TOLERABLE_LOAD)
      progress(
        `${what}: other processes kept ${load} cores busy; threads that wait for each other suffer most`,
      );
    return { model: workload.name, batch, parameters, ...compare(taken, PEER_NAME), otherLoad: load };
  } finally {
    await ours.close();
  }
}

function describePair({ ours, peer }: Pair): string {
  const one = `${ours.samplesPerSecond.toFixed(0)} samples/s (CPU ${ours.cpuMsPerStep.toFixed(2)} ms/step)`;
  if (!peer) return one;
  const other = `${peer.samplesPerSecond.toFixed(0)} (${peer.cpuMsPerStep.toFixed(2)})`;
  const ratio = (ours.samplesPerSecond / peer.samplesPerSecond).toFixed(3);
  return `${one} to ${other}: ${ratio} (${(peer.cpuMsPerStep / ours.cpuMsPerStep).toFixed(3)})`;
}
