import { type Tensor } from '../onnx';
import { type ParameterSpec, type Weights } from '../nn';
import { firstValues } from './parameter-layout';

/** What a training program keeps of each row beside its parameters. */
export interface RowKeeping {
  /** Names of the optimizer's moments. */
  readonly moments: readonly string[];
  /** Decay per step of the moving average of the parameters; 0 where none is kept. */
  readonly averaging: number;
}

/**
 * How a row of an embedding table lies in memory while it is trained: its parameters, each moment, their average
 * and the step that touched it last, side by side, so that one gather and one scatter move all of it.
 *
 * A row that a step does not look up is left as it is, moments included ("lazy" Adam, as PyTorch's `SparseAdam`).
 * Its average alone should move on meanwhile, a ← a + (1 − d)(p − a) at every step; over k such steps p stands
 * still, so they are made up in one when the row is next touched or read: a ← a + (1 − dᵏ)(p − a). The step is kept as a
 * number like the others, exact up to 2²⁴.
 */
export class TableLayout {
  /** A row's parts in order: parameters, moments and, with an average, that and the last step, one number. */
  readonly parts: readonly { readonly name: string; readonly width: number }[];
  /** Numbers in a row. */
  readonly width: number;

  /** @param idsPerStep how many ids a step looks up: no more rows are touched by it. */
  constructor(
    readonly spec: ParameterSpec,
    readonly idsPerStep: number,
    private readonly keeping: RowKeeping,
  ) {
    const own = ['parameters', ...keeping.moments, ...(keeping.averaging ? ['average'] : [])];
    this.parts = [
      ...own.map((name) => ({ name, width: this.ownWidth })),
      ...(keeping.averaging ? [{ name: 'last step', width: 1 }] : []),
    ];
    this.width = this.parts.reduce((total, { width }) => total + width, 0);
  }

  /** Number of moments. */
  get moments(): number {
    return this.keeping.moments.length;
  }

  get count(): number {
    return this.spec.shape[0] ?? 0;
  }

  /** Parameters in a row. */
  get ownWidth(): number {
    return this.spec.shape[1] ?? 1;
  }

  /** Name and shape: rows of one layout fit no other. */
  get digest(): string {
    return `${this.spec.name}[${this.count},${this.width}]`;
  }

  /** Before the first step: parameters drawn or taken by name, the average equal to them, all else 0. */
  initial(seed: number, given?: Weights): Float32Array {
    const own = this.ownWidth;
    const parameters = firstValues(this.spec, seed, given);
    const rows = new Float32Array(this.count * this.width);
    for (let row = 0; row < this.count; row += 1) {
      const values = parameters.subarray(row * own, (row + 1) * own);
      rows.set(values, row * this.width);
      if (this.keeping.averaging) rows.set(values, (row + 1) * this.width - own - 1);
    }
    return rows;
  }

  /**
   * What is judged and kept after `step` steps: the parameters, or their average where there is one.
   *
   * @param rows all of them, [count, width].
   */
  weights(rows: Float32Array, step: number): Tensor<'float32'> {
    const { count, width } = this;
    const { averaging } = this.keeping;
    const own = this.ownWidth;
    const apart = averaging ? width - 1 - own : 0;
    const data = new Float32Array(count * own);
    for (let row = 0; row < count; row += 1) {
      const start = row * width;
      const missed = averaging && 1 - averaging ** (step - (rows[start + width - 1] ?? 0));
      for (let column = start; column < start + own; column += 1) {
        const kept = rows[column + apart] ?? 0;
        data[row * own + column - start] = kept + missed * ((rows[column] ?? 0) - kept);
      }
    }
    return { dtype: 'float32', shape: [count, own], data };
  }
}
