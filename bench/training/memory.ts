import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { z } from 'zod';
import { type Bench } from './bench';
import { chunkOf } from './engine-runner';
import { referenceWorkload } from './reference';
import { type MemoryUse, type ModelMemory } from './result';
import { PEER_NAME, TorchPeer } from './torch-peer';

/** Of a chunk: few, so that what is measured is the step and not its data. */
const STEPS = 8;

const use = z.object({ idleBytes: z.number(), peakBytes: z.number() });

/**
 * The resident memory that training the reference model takes, in a process of its own for each batch size.
 *
 * To be called before anything else: what a process has at its start counts its parent's peak on Linux.
 */
export async function measureMemory(bench: Bench): Promise<ModelMemory[]> {
  const { options, progress } = bench;
  const results: ModelMemory[] = [];
  for (const batch of options.batches) {
    progress(`reference, batch ${batch}: memory`);
    const ours = await inChild(batch, options.threads);
    const theirs = bench.peer && (await ofPeer(batch, options.threads));
    results.push({ model: 'reference', batch, ...ours, peer: theirs && { name: PEER_NAME, ...theirs } });
  }
  return results;
}

async function inChild(batch: number, threads: number): Promise<MemoryUse> {
  const child = fork(path.join(__dirname, 'memory-child'), [String(batch), String(threads)]);
  const ended = once(child, 'exit');
  let answer: unknown = null;
  child.on('message', (message) => (answer = message));
  await ended;
  const parsed = use.safeParse(answer);
  if (!parsed.success) throw new Error(`the process that measures memory ended with ${child.exitCode}`);
  return parsed.data;
}

/** What the child does: trains on two chunks. */
export async function useMemory(batch: number, threads: number): Promise<MemoryUse> {
  const idleBytes = process.memoryUsage.rss();
  const workload = referenceWorkload();
  const trainer = await workload.compile({ batch, threads });
  const chunk = await chunkOf(workload, batch, STEPS);
  await trainer.train(chunk);
  await trainer.train(chunk);
  await trainer.close();
  return { idleBytes, peakBytes: process.resourceUsage().maxRSS * 1024 };
}

async function ofPeer(batch: number, threads: number): Promise<MemoryUse | null> {
  const peer = await TorchPeer.start(threads);
  if (!(peer instanceof TorchPeer)) return null;
  try {
    const workload = referenceWorkload();
    await peer.build(workload, await chunkOf(workload, batch, STEPS), batch);
    const { maxRssBytes } = await peer.run(2 * STEPS);
    return { idleBytes: peer.idleBytes, peakBytes: maxRssBytes };
  } finally {
    await peer.close();
  }
}
