import { type Suite, UsageError } from '../suite';
import { describeMachine } from './machine';
import { matmulShare, measureOpShares } from './matmul-share';
import { measureMemory } from './memory';
import { help, options, readOptions } from './options';
import { presetWorkloads } from './presets';
import { referenceWorkload } from './reference';
import { type ModelResult, type TrainingResult } from './result';
import { measureWorkload } from './results';
import { measureScaling } from './scaling';
import { tableOf } from './table';
import { PEER_NAME, TorchPeer } from './torch-peer';
import { type Workload } from './workload';

/** How fast networks are trained, beside PyTorch where that is installed. */
export const suite: Suite<TrainingResult> = {
  title: 'optimizer steps of the presets and of a reference model, in turn with PyTorch',
  options,
  help,
  async run(values, progress) {
    const options = readOptions(values);
    const workloads = chooseWorkloads(options.models);
    const peer = await startPeer(options.threads, progress);
    const bench = { options, peer, progress };
    const { parts } = options;
    try {
      const memory = parts.has('memory') ? await measureMemory(bench) : [];
      const results: ModelResult[] = [];
      if (parts.has('results'))
        for (const workload of workloads) results.push(...(await measureWorkload(await workload(), bench)));
      const opShares = parts.has('matmul') ? await measureOpShares(bench) : [];
      return {
        results,
        scaling: parts.has('scaling') ? await measureScaling(bench) : [],
        memory,
        matmulShare: opShares.length > 0 ? matmulShare(opShares) : null,
        opShares,
        machine: describeMachine(options.threads, peer?.version ?? null),
      };
    } finally {
      await peer?.close();
    }
  },
  table: tableOf,
};

/** @param names null for all. Domains are loaded only where one of theirs is asked for. */
function chooseWorkloads(names: readonly string[] | null): (() => Promise<Workload>)[] {
  const known = new Map<string, () => Promise<Workload>>([
    ['reference', () => Promise.resolve(referenceWorkload())],
  ]);
  if (!names?.every((name) => known.has(name)))
    for (const [name, workload] of presetWorkloads()) known.set(name, workload);
  return (names ?? [...known.keys()]).map((name) => {
    const found = known.get(name);
    if (!found) throw new UsageError(`there is no model ${name}; there is ${[...known.keys()].join(', ')}`);
    return found;
  });
}

async function startPeer(threads: number, progress: (line: string) => void): Promise<TorchPeer | null> {
  const peer = await TorchPeer.start(threads);
  if (peer instanceof TorchPeer) return peer;
  progress(`${PEER_NAME} is absent: ${peer.absent}`);
  return null;
}
