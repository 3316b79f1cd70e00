import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { z } from 'zod';
import { type Machine } from './result';

const packageFile = z.object({ version: z.string() });

export function describeMachine(threads: number, torch: string | null): Machine {
  const manifest = readFileSync(require.resolve('onnxruntime-node/package.json'), 'utf8');
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    threads,
    node: process.version,
    onnxruntime: packageFile.parse(JSON.parse(manifest)).version,
    torch,
  };
}
