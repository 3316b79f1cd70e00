import { sizeOf, type Tensor } from '../onnx';
import { type Weights } from '../nn';
import { type Device } from '../runtime';
import { Lookups, type Piece } from './lookups';
import { Table } from './table';
import { type TableLayout } from './table-layout';
import { rowOutputs, tableFeeds } from './table-rows';
import { type TrainingGraph } from './training-graph';
import { type TrainingState } from './training-state';

type Tables = TrainingState['tables'];

/** The side of a training program that has to do with tables: which rows go into a call, and where they go after. */
export class TrainedTables {
  private constructor(
    private readonly layouts: readonly TableLayout[],
    private readonly lookups: Lookups | null,
    private readonly device: Device,
  ) {}

  static async create(
    { tables, lookups }: TrainingGraph,
    options: { device: Device; carriedNumbers?: number | undefined },
  ): Promise<TrainedTables> {
    const { device, carriedNumbers } = options;
    return new TrainedTables(
      tables,
      lookups && (await Lookups.create(lookups, tables, carriedNumbers)),
      device,
    );
  }

  /** Names and shapes in short: states of other tables do not fit. */
  get digest(): string {
    return this.layouts.map(({ digest }) => digest).join(' ');
  }

  initial(seed: number, given?: Weights): Tables {
    return Object.fromEntries(
      this.layouts.map((layout) => [layout.spec.name, new Table(layout.initial(seed, given), layout.width)]),
    );
  }

  /** What is judged and kept of each table after so many steps. Copies. */
  weights(tables: Tables, step: number): [string, Tensor<'float32'>][] {
    return this.layouts.map((layout) => [
      layout.spec.name,
      layout.weights(tableOf(tables, layout).read(), step),
    ]);
  }

  /** The steps of a chunk, cut into what one call does: all of them where there are no tables. */
  async pieces(steps: number, inputs: Readonly<Record<string, Tensor>>): Promise<readonly Piece[]> {
    return this.lookups ? this.lookups.pieces(steps, inputs) : [{ from: 0, steps, tables: [], ids: [] }];
  }

  /** The graph's inputs for the first steps of a piece. */
  feeds(tables: Tables, piece: Piece, steps: number): Record<string, Tensor> {
    const whole = this.device === 'cpu';
    const rows = this.layouts.map((layout, index) =>
      tableFeeds(layout, tableOf(tables, layout), touchedBy(piece, index), { steps, whole }),
    );
    const ids = (this.lookups?.shapes ?? []).map((shape, index): [string, Tensor] => {
      const data = piece.ids[index]?.subarray(0, steps * sizeOf(shape)) ?? new Int32Array();
      return [`ids${index}`, { dtype: 'int32', shape: [steps, ...shape], data }];
    });
    return Object.assign(Object.fromEntries(ids), ...rows) as Record<string, Tensor>;
  }

  /** The rows after a piece, for each table part by part. @param output of the graph, by name. */
  rows(output: (name: string) => Float32Array): Record<string, Float32Array[]> {
    return Object.fromEntries(
      this.layouts.map((layout) => [layout.spec.name, rowOutputs(layout).map(output)]),
    );
  }

  /** The tables after a piece, the given ones being spent; `undo` makes those good again. */
  replace(
    tables: Tables,
    piece: Piece,
    rows: Readonly<Record<string, readonly Float32Array[]>>,
  ): { tables: Tables; undo: () => void } {
    const replaced = this.layouts.map((layout, index) => ({
      name: layout.spec.name,
      ...tableOf(tables, layout).replace(touchedBy(piece, index).rows, rows[layout.spec.name] ?? []),
    }));
    return {
      tables: Object.fromEntries(replaced.map(({ name, table }) => [name, table])),
      undo: () => {
        for (const { undo } of replaced) undo();
      },
    };
  }

  async close(): Promise<void> {
    await this.lookups?.close();
  }
}

function tableOf(tables: Tables, { spec: { name } }: TableLayout): Table {
  const table = tables[name];
  if (!table) throw new TypeError(`the state holds no table ${name}`);
  return table;
}

function touchedBy(piece: Piece, table: number): Piece['tables'][number] {
  const touched = piece.tables[table];
  if (!touched) throw new TypeError('the piece is that of another program');
  return touched;
}
