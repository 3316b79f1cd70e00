import { parseArgs } from 'node:util';
import { DEVICES, type Device } from '../../src/engine/runtime';
import { UsageError } from '../../bench/suite';
import { messageOf } from '../../src/errors';

export const USAGE = `gpu-check [--device webgpu|cuda|auto|cpu] [--json] [--quick] [--seconds N]
gpu-check --pack FILE.tar.gz

Compares every op, layer and loss, the presets and a whole training on a GPU with the CPU, and times the training
of the standard presets and of a reference model on both, and in PyTorch on the same card where python3 has it.

  --device    auto, which is cuda where it works and webgpu otherwise, unless given; cpu compares the CPU with itself,
              which shows that everything is there
  --json      one JSON object on one line instead of a table
  --quick     tiny presets only, and timings too short to mean anything: whether it works
  --seconds   how long each side of a timing trains: 10 unless given
  --pack      writes what this needs, Node and ONNX Runtime included, for a machine that has neither`;

export interface CheckOptions {
  readonly device: Device | 'auto';
  readonly json: boolean;
  readonly quick: boolean;
  readonly seconds: number;
}

export type Command = { readonly help: true } | { readonly pack: string } | { readonly check: CheckOptions };

/** @throws UsageError naming the option and what it may be. */
export function readOptions(args: readonly string[]): Command {
  const { help, pack, device = 'auto', json = false, quick = false, seconds = '10' } = parse(args);
  if (help) return { help };
  if (pack !== undefined) {
    if (!pack.endsWith('.tar.gz'))
      throw new UsageError('--pack takes the name of a file that ends in .tar.gz');
    return { pack };
  }
  const known = ['auto', ...DEVICES] as const;
  const chosen = known.find((name) => name === device);
  if (!chosen) throw new UsageError(`--device must be one of ${known.join(', ')}, not ${device}`);
  if (!(Number(seconds) > 0)) throw new UsageError(`--seconds must be a number above 0, not ${seconds}`);
  return { check: { device: chosen, json, quick, seconds: Number(seconds) } };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        device: { type: 'string' },
        json: { type: 'boolean' },
        quick: { type: 'boolean' },
        seconds: { type: 'string' },
        pack: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}
