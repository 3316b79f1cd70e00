import { AppError } from '../../errors';
import { Table } from './table';

/**
 * Everything that a run goes on from. A step that fails leaves the last good state as it was.
 *
 * A state without tables is never changed. One with tables hands them on when a run goes on from it, and cannot be used
 * again: they are too large to be copied at every chunk. `stateToBytes` keeps what must be kept.
 */
export interface TrainingState {
  /** Optimizer steps done. */
  readonly step: number;
  /** Flat vectors by name: `parameters`, the optimizer's moments, `average` where weights are averaged. */
  readonly tensors: Readonly<Record<string, Float32Array>>;
  /** Tables that are trained row by row, with what belongs to each row, by the tables' names. */
  readonly tables: Readonly<Record<string, Table>>;
}

const MAGIC = 'PROPENSITY-STATE-2\n';

interface Header {
  readonly digest: string;
  readonly step: number;
  readonly tensors: readonly { readonly name: string; readonly length: number }[];
  readonly tables: readonly { readonly name: string; readonly length: number; readonly width: number }[];
}

/** @param digest of the layout, checked when the state is read. */
export function stateToBytes(state: TrainingState, digest: string): Uint8Array {
  const tensors = Object.entries(state.tensors);
  const tables = Object.entries(state.tables).map(([name, table]) => ({ name, table, data: table.read() }));
  const header: Header = {
    digest,
    step: state.step,
    tensors: tensors.map(([name, data]) => ({ name, length: data.length })),
    tables: tables.map(({ name, table, data }) => ({ name, length: data.length, width: table.width })),
  };
  return Buffer.concat([
    Buffer.from(`${MAGIC}${JSON.stringify(header)}\n`),
    ...[...tensors.map(([, data]) => data), ...tables.map(({ data }) => data)].map(
      (data) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    ),
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
  const header = JSON.parse(buffer.subarray(MAGIC.length, end).toString()) as Header;
  if (header.digest !== digest) fail('it belongs to a model with other parameters');
  let offset = end + 1;
  const next = (length: number): Float32Array => {
    const data = new Float32Array(length);
    const source = buffer.subarray(offset, offset + 4 * length);
    if (source.length < 4 * length) fail('it is cut off');
    new Uint8Array(data.buffer).set(source);
    offset += 4 * length;
    return data;
  };
  return {
    step: header.step,
    tensors: Object.fromEntries(header.tensors.map(({ name, length }) => [name, next(length)])),
    tables: Object.fromEntries(
      header.tables.map(({ name, length, width }) => [name, new Table(next(length), width)]),
    ),
  };
}
