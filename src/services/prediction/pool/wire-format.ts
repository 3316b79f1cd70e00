import { type Feeds } from '../../../engine/runtime';
import { type ArtifactTensor } from '../../../learning/export/artifact-inputs';
import { type ArtifactInputs } from './tensors';

/**
 * How a batch crosses from the API's thread to an inference thread: all numbers in one buffer, all text in one
 * string. One copied buffer and one copied string cost a fraction of what the structured clone of many small
 * arrays of strings costs, and the receiving side only makes views.
 */
export interface PackedBatch {
  readonly rows: number;
  /** The numeric columns one after the other, each [rows · width]. */
  readonly numbers: ArrayBuffer;
  /** The values of all text columns, column by column, separated by NUL. */
  readonly text: string;
}

/**
 * Some rows of a request's tensors, as they wait: thousands of small texts that live for long are what a garbage
 * collector works most for, one text is not.
 */
export interface RowSlice {
  readonly rows: number;
  /** The tensors of the numeric columns, in the layout's order, and the first row of them that is meant. */
  readonly numeric: readonly (Float32Array | BigInt64Array)[];
  readonly from: number;
  /** The values of each text column, separated. */
  readonly text: readonly string[];
}

/** No text value may contain it: {@link PackedBatch.text}. */
export const SEPARATOR = '\0';

const NUMERIC = {
  int64: { bytes: 8, view: BigInt64Array },
  float32: { bytes: 4, view: Float32Array },
} as const;

/** Layouts that are remembered: as many as there are forms of inputs at a time, with room to spare. */
const MAX_REMEMBERED = 2_000;
const layouts = new Map<string, BatchLayout>();

interface Column {
  readonly name: string;
  readonly type: ArtifactTensor['type'];
  /** The axes after the row. */
  readonly tail: readonly number[];
  /** Values per row. */
  readonly width: number;
}

/** Names, types and widths of a batch's columns, in the order in which they are packed. */
export class BatchLayout {
  private constructor(
    private readonly numeric: readonly (Column & { readonly type: keyof typeof NUMERIC })[],
    private readonly text: readonly Column[],
  ) {}

  /** @param signature of {@link signatureOf} */
  static of(signature: string): BatchLayout {
    let layout = layouts.get(signature);
    if (!layout) {
      if (layouts.size >= MAX_REMEMBERED) layouts.clear();
      layouts.set(signature, (layout = BatchLayout.parse(signature)));
    }
    return layout;
  }

  private static parse(signature: string): BatchLayout {
    const columns = signature
      .split(';')
      .filter((part) => part !== '')
      .map((part): Column => {
        const [name = '', type = '', axes = ''] = part.split(':');
        const tail = axes === '' ? [] : axes.split('x').map(Number);
        return { name, type: type as ArtifactTensor['type'], tail, width: tail.reduce((a, b) => a * b, 1) };
      });
    const ofType = <Type extends ArtifactTensor['type']>(type: Type) =>
      columns.filter((column): column is Column & { readonly type: Type } => column.type === type);
    // Widest first, so that every view starts at a multiple of its element's size.
    return new BatchLayout([...ofType('int64'), ...ofType('float32')], ofType('string'));
  }

  /** @param inputs of this layout's signature */
  slice(inputs: ArtifactInputs, from: number, rows: number): RowSlice {
    return {
      rows,
      from,
      numeric: this.numeric.map(({ name }) => inputs[name]?.data as Float32Array | BigInt64Array),
      text: this.text.map(({ name, width }) => {
        const data = inputs[name]?.data as readonly string[];
        const whole = data.length === rows * width;
        return (whole ? data : data.slice(from * width, (from + rows) * width)).join(SEPARATOR);
      }),
    };
  }

  pack(slices: readonly RowSlice[]): PackedBatch {
    const rows = slices.reduce((sum, slice) => sum + slice.rows, 0);
    const numbers = new ArrayBuffer(
      this.numeric.reduce((sum, { type, width }) => sum + NUMERIC[type].bytes * width * rows, 0),
    );
    let offset = 0;
    for (const [place, { type, width }] of this.numeric.entries()) {
      const { bytes, view } = NUMERIC[type];
      const column = new view(numbers, offset, rows * width);
      let at = 0;
      for (const { numeric, from, rows: count } of slices) {
        // The batch's signature says that the types agree.
        const data = numeric[place] as typeof column;
        const whole = data.length === count * width;
        column.set((whole ? data : data.subarray(from * width, (from + count) * width)) as never, at);
        at += count * width;
      }
      offset += bytes * rows * width;
    }
    const text: string[] = [];
    for (let place = 0; place < this.text.length; place++)
      for (const slice of slices) text.push(slice.text[place] ?? '');
    return { rows, numbers, text: text.join(SEPARATOR) };
  }

  /** @throws RangeError when the text holds another number of values than the layout says */
  unpack({ rows, numbers, text }: PackedBatch): Feeds {
    const feeds: Record<string, Feeds[string]> = {};
    let offset = 0;
    for (const { name, type, tail, width } of this.numeric) {
      const { bytes, view } = NUMERIC[type];
      const data = new view(numbers, offset, rows * width);
      feeds[name] = { dtype: type, shape: [rows, ...tail], data } as Feeds[string];
      offset += bytes * rows * width;
    }
    const values = this.text.length === 0 ? [] : text.split(SEPARATOR);
    const expected = this.text.reduce((sum, { width }) => sum + width * rows, 0);
    if (values.length !== expected) {
      throw new RangeError(`${values.length} text values arrived where ${expected} belong`);
    }
    let at = 0;
    for (const { name, tail, width } of this.text) {
      feeds[name] = { dtype: 'string', shape: [rows, ...tail], data: values.slice(at, at + rows * width) };
      at += rows * width;
    }
    return feeds;
  }
}

/** What a signature was made of. */
interface Shape {
  readonly signature: string;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly tail: string }[];
}

/** Of requests that came lately, the latest first: the same text again costs less than another that is equal. */
const shapes: Shape[] = [];
const MAX_SHAPES = 8;

/**
 * Names, types and trailing axes of the inputs as text: batches hold requests of equal signature only, so that an
 * input of another form never meets its neighbours.
 *
 * @throws RangeError when the tensors disagree about the number of rows, or with their own dimensions
 */
export function signatureOf(inputs: ArtifactInputs): { readonly signature: string; readonly rows: number } {
  let rows = -1;
  for (const name in inputs) {
    const tensor = inputs[name];
    if (!tensor) continue;
    const { dims, data } = tensor;
    let size = 1;
    for (const axis of dims) size *= axis;
    const [count = 0] = dims;
    if (rows === -1) rows = count;
    if (count !== rows || data.length !== size) {
      throw new RangeError(
        `input ${name} holds ${data.length} values in [${dims.join(', ')}]; the batch has ${rows} rows`,
      );
    }
  }
  return { signature: shapeOf(inputs).signature, rows: Math.max(rows, 0) };
}

function shapeOf(inputs: ArtifactInputs): Shape {
  const index = shapes.findIndex((shape) => hasShape(inputs, shape));
  const known = shapes[index] ?? newShape(inputs);
  if (index !== 0) {
    shapes.splice(index < 0 ? MAX_SHAPES - 1 : index, 1);
    shapes.unshift(known);
  }
  return known;
}

function hasShape(inputs: ArtifactInputs, { columns }: Shape): boolean {
  let place = 0;
  for (const name in inputs) {
    const tensor = inputs[name];
    if (!tensor) continue;
    const column = columns[place++];
    if (column?.name !== name || column.type !== tensor.type || column.tail !== tailOf(tensor)) return false;
  }
  return place === columns.length;
}

function newShape(inputs: ArtifactInputs): Shape {
  const columns = Object.entries(inputs).map(([name, tensor]) => ({
    name,
    type: tensor.type,
    tail: tailOf(tensor),
  }));
  return { signature: columns.map(({ name, type, tail }) => `${name}:${type}:${tail};`).join(''), columns };
}

function tailOf({ dims }: ArtifactTensor): string {
  if (dims.length === 1) return '';
  return dims.length === 2 ? String(dims[1]) : dims.slice(1).join('x');
}
