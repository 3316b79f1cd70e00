/** A process of its own: runs every op's samples on a device and reports which of them ran on the CPU instead. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { type Device, Session } from '../../src/engine/runtime';
import { sampleGraph } from '../../test/support/central-differences';
import { opSamples } from '../../test/support/op-definitions';
import { carryOut, report } from './child-report';
import { type FallbacksOrder, type FallbacksReport } from './messages';

/** Of ONNX Runtime's profile: the events of kernels, among others. */
const types = z.array(z.record(z.string(), z.unknown()));
const kernel = z
  .object({ op_name: z.string(), provider: z.string(), input_type_shape: types, output_type_shape: types })
  .partial();
const profile = z.array(z.object({ args: kernel.optional() }));
type Kernel = z.infer<typeof kernel>;

carryOut(async (message) => {
  const { device } = message as FallbacksOrder;
  const folder = await mkdtemp(path.join(tmpdir(), 'gpu-check-'));
  try {
    const found = new Set<string>();
    for (const { opType, sample } of opSamples) {
      const kernels = await kernelsOf({ ...sample, float32: true }, device, path.join(folder, opType));
      for (const call of kernels)
        if (call.op_name === opType && call.provider === 'CPUExecutionProvider' && !isDouble(call))
          found.add(opType);
    }
    await report({ onCpu: [...found].sort() } satisfies FallbacksReport);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** Double precision is on the CPU whatever the op. */
function isDouble({ input_type_shape = [], output_type_shape = [] }: Kernel): boolean {
  return [...input_type_shape, ...output_type_shape].some((type) => 'double' in type);
}

async function kernelsOf(
  sample: Parameters<typeof sampleGraph>[0],
  device: Device,
  folder: string,
): Promise<Kernel[]> {
  const { graph, feeds } = sampleGraph(sample);
  const session = await Session.compile(graph, { device, profileTo: `${folder}-` });
  await session.run(feeds);
  session.endProfiling();
  await session.close();
  const parent = path.dirname(folder);
  const kernels: Kernel[] = [];
  for (const file of await readdir(parent)) {
    const events = profile.parse(JSON.parse(await readFile(path.join(parent, file), 'utf8')));
    kernels.push(...events.flatMap(({ args }) => args ?? []));
    await rm(path.join(parent, file));
  }
  return kernels;
}
