import { sizeOf, type Tensor } from '../onnx';
import { Session } from '../runtime';
import { type LookupGraph } from './lookup-graph';
import { RowIndex, type TouchedRows } from './row-index';
import { type TableLayout } from './table-layout';

/**
 * About how many numbers of tables one call carries: the rows of its steps, at least those of one step.
 *
 * ONNX Runtime copies all carried rows whenever a step changes some of them, and to begin a call has a price too, most
 * of it for rows that the next one needs again. Measured at 2¹⁸ … 2²¹: 4 MB are about where the two meet.
 */
export const CARRIED_NUMBERS = 2 ** 20;

/** Steps in a row that are done in one call, with the rows of tables that they touch. */
export interface Piece {
  /** Index of the first step within its chunk. */
  readonly from: number;
  readonly steps: number;
  /** For each table. */
  readonly tables: readonly TouchedRows[];
  /** For each lookup, [steps, …]: places among the rows of a step. */
  readonly ids: readonly Int32Array[];
}

/** One step of a piece, as a piece that carries the same rows. */
export function stepOfPiece({ from, steps, tables, ids }: Piece, step: number): Piece {
  return {
    from: from + step,
    steps: 1,
    tables: tables.map((touched) => ({
      ...touched,
      bounds: touched.bounds.subarray(2 * step, 2 * step + 2),
    })),
    ids: ids.map((places) => {
      const size = places.length / steps;
      return places.subarray(step * size, (step + 1) * size);
    }),
  };
}

/** Tells which rows of which tables the steps of a chunk will touch, before they run. */
export class Lookups {
  private constructor(
    private readonly graph: LookupGraph,
    private readonly session: Session,
    private readonly tables: readonly { layout: TableLayout; index: RowIndex }[],
    private readonly carriedNumbers: number,
  ) {}

  /** On the CPU whatever the device: ids are few, and it is the host that needs them. */
  static async create(
    graph: LookupGraph,
    layouts: readonly TableLayout[],
    carriedNumbers = CARRIED_NUMBERS,
  ): Promise<Lookups> {
    const session = await Session.compile(graph.graph);
    const tables = layouts.map((layout) => ({ layout, index: new RowIndex(layout.spec.name, layout.count) }));
    return new Lookups(graph, session, tables, carriedNumbers);
  }

  /** Of the ids of one step, for each lookup. */
  get shapes(): readonly (readonly number[])[] {
    return this.graph.lookups.map(({ shape }) => shape);
  }

  /**
   * Cuts the steps of a chunk into pieces.
   *
   * @param inputs of all steps, by the recipe's names.
   * @throws AppError INVALID_DATA for an id that is no row of its table.
   */
  async pieces(steps: number, inputs: Readonly<Record<string, Tensor>>): Promise<Piece[]> {
    const lookups = await this.idsOf(steps, inputs);
    // A chunk that was refused half-way may have left some.
    for (const { index } of this.tables) index.take();
    const pieces: Piece[] = [];
    let from = 0;
    for (let step = 0; step < steps; step += 1) {
      for (const { layout, index } of this.tables)
        index.addStep(
          lookups
            .filter(({ table }) => table === layout.spec.name)
            .map(({ ids, size }) => ids.subarray(step * size, (step + 1) * size)),
        );
      const carried = this.tables.reduce((sum, { layout, index }) => sum + index.size * layout.width, 0);
      if (carried < this.carriedNumbers && step + 1 < steps) continue;
      const until = step + 1;
      pieces.push({
        from,
        steps: until - from,
        tables: this.tables.map(({ index }) => index.take()),
        ids: lookups.map(({ ids, size }) => ids.subarray(from * size, until * size)),
      });
      from = until;
    }
    return pieces;
  }

  async close(): Promise<void> {
    await this.session.close();
  }

  /** What each lookup of the model asks for: ids [steps, …] with so many for a step. */
  private async idsOf(steps: number, inputs: Readonly<Record<string, Tensor>>) {
    const feeds: Record<string, Tensor> = {
      [this.graph.steps]: { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(steps)) },
    };
    for (const { name, of } of this.graph.inputs) {
      const input = inputs[of];
      if (input) feeds[name] = input;
    }
    const outputs = await this.session.run(feeds);
    return this.graph.lookups.map(({ table, shape }, index) => {
      const ids = outputs[`ids${index}`];
      if (ids?.dtype !== 'int32') throw new TypeError(`the ids of ${table.name} are not int32`);
      return { table: table.name, ids: ids.data, size: sizeOf(shape) };
    });
  }
}
