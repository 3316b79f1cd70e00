import { AppError } from '../../errors';

/**
 * Everything that a run goes on from. Never changed in place: a step that fails leaves the last good state.
 */
export interface TrainingState {
  /** Optimizer steps done. */
  readonly step: number;
  /** Flat vectors by name: `parameters`, the optimizer's moments, `average` where weights are averaged. */
  readonly tensors: Readonly<Record<string, Float32Array>>;
}

const MAGIC = 'PROPENSITY-STATE-1\n';

/** @param digest of the layout, checked when the state is read. */
export function stateToBytes(state: TrainingState, digest: string): Uint8Array {
  const entries = Object.entries(state.tensors);
  const header = JSON.stringify({
    digest,
    step: state.step,
    tensors: entries.map(([name, data]) => ({ name, length: data.length })),
  });
  return Buffer.concat([
    Buffer.from(`${MAGIC}${header}\n`),
    ...entries.map(([, data]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ]);
}

/** @throws AppError INVALID_DATA when the bytes are no state, are cut off, or belong to another model. */
export function stateFromBytes(bytes: Uint8Array, digest: string): TrainingState {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fail = (why: string): never => {
    throw new AppError('INVALID_DATA', `the checkpoint cannot be used: ${why}`);
  };
  if (buffer.subarray(0, MAGIC.length).toString() !== MAGIC) fail('it is not a training state');
  const end = buffer.indexOf('\n', MAGIC.length);
  if (end < 0) fail('it is cut off');
  const header = JSON.parse(buffer.subarray(MAGIC.length, end).toString()) as {
    digest: string;
    step: number;
    tensors: { name: string; length: number }[];
  };
  if (header.digest !== digest) fail('it belongs to a model with other parameters');
  let offset = end + 1;
  const tensors: Record<string, Float32Array> = {};
  for (const { name, length } of header.tensors) {
    const data = new Float32Array(length);
    const source = buffer.subarray(offset, offset + 4 * length);
    if (source.length < 4 * length) fail('it is cut off');
    new Uint8Array(data.buffer).set(source);
    tensors[name] = data;
    offset += 4 * length;
  }
  return { step: header.step, tensors };
}
