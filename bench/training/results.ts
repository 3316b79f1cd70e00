import { EngineRunner } from './engine-runner';
import { compare, takeTurns } from './comparison';
import { type TrainingOptions } from './options';
import { type ModelResult } from './result';
import { PEER_NAME, type TorchPeer } from './torch-peer';
import { type Workload } from './workload';

export interface Bench {
  readonly options: TrainingOptions;
  /** Null where PyTorch is not there. */
  readonly peer: TorchPeer | null;
  readonly progress: (line: string) => void;
}

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
        `${what}: ${parameters} parameters here and ${theirs.parameters} there: not the same model`,
      );
    const taken = await takeTurns(ours, theirs, {
      pairs,
      onPair: (pair) => {
        const sides = [pair.ours, ...(pair.peer ? [pair.peer] : [])];
        const wall = sides.map((run) => `${run.samplesPerSecond.toFixed(0)} samples/s`).join(' : ');
        const cpu = sides.map((run) => `${run.cpuMsPerStep.toFixed(2)} ms`).join(' : ');
        const ratio = pair.peer
          ? ` = ${(pair.ours.samplesPerSecond / pair.peer.samplesPerSecond).toFixed(3)}`
          : '';
        progress(`${what}: ${wall}${ratio}, CPU per step ${cpu}`);
      },
    });
    return { model: workload.name, batch, parameters, ...compare(taken, PEER_NAME) };
  } finally {
    await ours.close();
  }
}
