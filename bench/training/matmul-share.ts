import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { significant } from '../statistics';
import { type Bench } from './bench';
import { chunkOf } from './engine-runner';
import { referenceWorkload } from './reference';
import { type OpShare } from './result';

const BATCH = 256;
const STEPS = 20;

/** Ops whose time is that of their graphs' nodes, which stand in the profile too. */
const CONTROL_FLOW: ReadonlySet<string> = new Set(['Loop', 'If', 'Scan']);
const MATRIX_PRODUCTS: ReadonlySet<string> = new Set([
  'Gemm',
  'FusedGemm',
  'MatMul',
  'FusedMatMul',
  'Conv',
  'FusedConv',
]);

const profileEvent = z.object({
  cat: z.string(),
  name: z.string(),
  /** Microseconds. */
  dur: z.number(),
  args: z.object({ op_name: z.string().optional() }).optional(),
});
const profile = z.array(z.unknown());

/** Each op type's share of the time that ops take, largest first, in the reference model's training. */
export async function measureOpShares({ options, progress }: Bench): Promise<OpShare[]> {
  progress(`reference, batch ${BATCH}: profiling`);
  const folder = await mkdtemp(path.join(tmpdir(), 'propensity-bench-'));
  try {
    const workload = referenceWorkload();
    const trainer = await workload.compile({
      batch: BATCH,
      threads: options.threads,
      profileTo: path.join(folder, 'profile'),
    });
    await trainer.train(await chunkOf(workload, BATCH, options.quick ? 2 : STEPS));
    await trainer.close();
    const [file = ''] = await readdir(folder);
    return opShares(JSON.parse(await readFile(path.join(folder, file), 'utf8')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param events what ONNX Runtime's profiler writes: Chrome's trace events, an array. */
export function opShares(events: unknown): OpShare[] {
  const microseconds = new Map<string, number>();
  for (const entry of profile.parse(events)) {
    const event = profileEvent.safeParse(entry).data;
    const op = event?.args?.op_name;
    if (event?.cat !== 'Node' || !event.name.endsWith('_kernel_time') || !op || CONTROL_FLOW.has(op))
      continue;
    microseconds.set(op, (microseconds.get(op) ?? 0) + event.dur);
  }
  const total = [...microseconds.values()].reduce((sum, time) => sum + time, 0);
  return [...microseconds]
    .map(([op, time]) => ({ op, share: significant(time / total) }))
    .sort((a, b) => b.share - a.share);
}

/** The floor of a step: what is left when everything around the matrix products costs nothing. */
export function matmulShare(shares: readonly OpShare[]): number {
  const products = shares.filter(({ op }) => MATRIX_PRODUCTS.has(op));
  return significant(products.reduce((sum, { share }) => sum + share, 0));
}
