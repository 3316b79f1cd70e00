import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface GraphicsCard {
  readonly name: string;
  /** What one training may take, in bytes. */
  readonly memoryBytes: number;
}

const MIB = 2 ** 20;
/** Share of a card's memory that a run may plan with: the driver and the libraries take some for themselves. */
const SHARE = 0.8;
/** A driver that hangs must not keep anything from starting. */
const ANSWER_MS = 10_000;

/** The first NVIDIA card, which is the one that CUDA takes; null where NVIDIA's tool does not answer. */
export async function nvidiaCard(): Promise<GraphicsCard | null> {
  try {
    const query = ['--query-gpu=name,memory.total', '--format=csv,noheader,nounits'];
    const { stdout } = await promisify(execFile)('nvidia-smi', query, { timeout: ANSWER_MS });
    return parseCard(stdout);
  } catch {
    return null;
  }
}

/** Of the first line `name, memory in MiB`; null where there is none. */
export function parseCard(text: string): GraphicsCard | null {
  const [, name, mebibytes] = /^(.+), *(\d+)\s*$/m.exec(text) ?? [];
  return name === undefined
    ? null
    : { name: name.trim(), memoryBytes: Math.floor(SHARE * Number(mebibytes) * MIB) };
}
