import { type Graph, GraphError, product, sameShape, type Tensor, type Value } from '../onnx';
import { type Census, type ParameterSpec, type Supply } from '../nn';
import { add, exp, gather, mul, reshape, scatterNd, sliceRows, split, sub } from '../ops';
import { type Lookup } from './lookup-graph';
import { CARRIED_NUMBERS } from './lookups';
import { moveAverage, type Trained, type Updated } from './optimizer-step';
import { type TouchedRows } from './row-index';
import { type Table } from './table';
import { type TableLayout } from './table-layout';

export interface TableUse {
  readonly spec: ParameterSpec;
  /** How many ids a step looks up. */
  readonly idsPerStep: number;
}

/**
 * Which tables are trained row by row, and which whole, as parts of the flat vector.
 *
 * @param byRow names of the former; unless given, tables with more rows than a step makes lookups in them. Of the
 * others, most rows are touched by every step, and to train them whole takes less time than to pick rows out.
 */
export function sortTables(
  census: Census,
  byRow?: ReadonlySet<string>,
): { byRow: TableUse[]; whole: TableUse[] } {
  const tables = census.tables.map(({ spec, lookups }) => ({
    spec,
    idsPerStep: lookups.reduce((total, shape) => total + Number(product(shape)), 0),
  }));
  const isByRow = ({ spec: { name, shape }, idsPerStep }: TableUse): boolean =>
    byRow ? byRow.has(name) : (shape[0] ?? 0) > idsPerStep;
  return { byRow: tables.filter(isByRow), whole: tables.filter((table) => !isByRow(table)) };
}

/** What a training graph takes of one table. */
interface TableInputs {
  readonly layout: TableLayout;
  /** The rows that its steps touch, cut into parts: [R, ·] each, as `layout.parts` says. */
  readonly parts: readonly Value[];
  /** int32 [·]: for each step the rows that it touches, each once, as places among those R. */
  readonly touched: Value;
  /** int32 [steps, 2]: where in `touched` a step's rows begin and end. */
  readonly bounds: Value;
}

/** The rows of tables that a training graph's steps touch: what its loop carries of the tables. */
export class CarriedRows {
  private readonly tables: readonly TableInputs[];
  /** int32 [steps, …] for each lookup: places among the rows of a step. */
  private readonly ids: readonly Value[];
  /** The largest sizes of dimensions that only a run knows. */
  readonly sizes = new Map<string, number>();

  /** Declares the graph's inputs (see `tableFeeds`), and `ids0` … for the lookups, in the order of the model's. */
  constructor(graph: Graph, layouts: readonly TableLayout[], lookups: readonly Lookup[]) {
    this.tables = layouts.map((layout) => {
      const names = inputNames(layout);
      const table = graph.input(names.table, 'float32', [names.table, layout.width]);
      const rows = graph.input(names.rows, 'int32', [names.rows]);
      this.sizes.set(names.rows, Math.min(layout.count, mostCarried(layout)));
      const parts = split(gather(table, rows), { axis: 1, sizes: layout.parts.map((part) => part.width) });
      // The loop's state is known by these names, in messages too.
      layout.parts.forEach(
        ({ name }, index) => ((parts[index] as Value).name = `${name} of ${layout.spec.name}`),
      );
      return {
        layout,
        parts,
        touched: graph.input(names.touched, 'int32', [names.touched]),
        bounds: graph.input(names.bounds, 'int32', ['steps', 2]),
      };
    });
    this.ids = lookups.map(({ shape }, index) => graph.input(`ids${index}`, 'int32', ['steps', ...shape]));
  }

  /** As the loop finds them. */
  get initial(): Value[] {
    return this.tables.flatMap(({ parts }) => parts);
  }

  /** Takes a step's own rows out of the carried ones. */
  take(iteration: Value, carried: readonly Value[]): StepRows {
    let at = 0;
    const rows = this.tables.map((table) => {
      const parts = carried.slice(at, (at += table.parts.length));
      const taken = takeRows(table, iteration, parts);
      this.sizes.set(String(taken.places.dim(0)), table.layout.idsPerStep);
      return taken;
    });
    return new StepRows(
      rows,
      this.ids.map((ids) => gather(ids, iteration)),
    );
  }
}

/** The rows of one table that one step touches, U of them; beside `places` all are [U, ·]. */
interface RowsOfTable {
  readonly spec: ParameterSpec;
  /** All rows that are carried. */
  readonly carried: readonly Value[];
  /** int32 [U, 1]: among the carried rows. */
  readonly places: Value;
  readonly parameters: Value;
  readonly moments: readonly Value[];
  /** The average, and the step that touched the row last; null where none is kept. */
  readonly average: { readonly value: Value; readonly touched: Value } | null;
}

/** The rows of all tables that one step touches. */
export class StepRows {
  constructor(
    private readonly tables: readonly RowsOfTable[],
    private readonly ids: readonly Value[],
  ) {}

  get parameters(): Value[] {
    return this.tables.map(({ parameters }) => parameters);
  }

  /** Where the model finds rows: in whole tables, or else, its n-th such lookup, by the n-th ids. */
  lookupOr(whole: ReadonlyMap<string, Value>): Supply['lookup'] {
    let next = 0;
    return ({ name }, wanted) => {
      const table = whole.get(name);
      if (table) return gather(table, wanted);
      const rows = this.tables.find(({ spec }) => spec.name === name);
      const own = this.ids[next];
      next += 1;
      if (rows && own && sameShape(own.shape, wanted.shape)) return gather(rows.parameters, own);
      throw new GraphError(
        `the census of this model did not list a lookup of ${wanted.describe()} in ${name}`,
      );
    };
  }

  /** @param gradients of the parameters. */
  trained(gradients: readonly Value[]): Trained[] {
    return this.tables.map(({ spec, parameters, moments }, index) => ({
      parameters,
      moments,
      gradient: gradients[index] as Value,
      decay: (factor) => (spec.decays ? factor : null),
    }));
  }

  /** The carried rows with the step's own put back. @param now the averages' decay, and the step's number. */
  put(updated: readonly Updated[], now: { decay: number; step: Value | undefined }): Value[] {
    return this.tables.flatMap((table, index) => {
      const next = updated[index] as Updated;
      const { carried, places, average } = table;
      const { decay, step } = now;
      const kept = average && step ? averageAfter(table.parameters, next, { ...average, decay, step }) : [];
      return [next.parameters, ...next.moments, ...kept].map((part, at) =>
        scatterNd(carried[at] as Value, places, part),
      );
    });
  }
}

/**
 * The number of a step's rows is its own: nothing that is computed from them, sums included, depends on which steps
 * share a chunk.
 */
function takeRows(table: TableInputs, iteration: Value, carried: readonly Value[]): RowsOfTable {
  const { layout, touched, bounds } = table;
  const [start, end] = split(gather(bounds, iteration), { axis: 0, sizes: [1, 1] }) as [Value, Value];
  const places = sliceRows(touched, { start, end });
  const [parameters, ...rest] = carried.map((part) => gather(part, places)) as [Value, ...Value[]];
  const [value, last] = rest.slice(layout.moments);
  return {
    spec: layout.spec,
    carried,
    places: reshape(places, [-1, 1]),
    parameters,
    moments: rest.slice(0, layout.moments),
    average: value && last ? { value, touched: last } : null,
  };
}

/** The average after this step, the steps that passed the row by made up for first (see `TableLayout`). */
function averageAfter(
  parameters: Value,
  next: Updated,
  at: { value: Value; touched: Value; decay: number; step: Value },
): [Value, Value] {
  const { value, touched, decay, step } = at;
  const missed = sub(sub(step, 1), touched);
  const share = sub(1, exp(mul(missed, Math.log(decay))));
  const caughtUp = add(value, mul(sub(parameters, value), share));
  return [moveAverage(caughtUp, next.parameters, decay), add(mul(touched, 0), step)];
}

/** Steps are put together until they reach the limit: the last one may go beyond it. */
function mostCarried({ width, idsPerStep }: TableLayout): number {
  return Math.ceil(CARRIED_NUMBERS / width) + idsPerStep;
}

/** Each also names the dimension of its input that is free. */
function inputNames({
  spec: { name },
}: TableLayout): Record<'table' | 'rows' | 'touched' | 'bounds', string> {
  return {
    table: `table ${name}`,
    rows: `rows of ${name}`,
    touched: `touched of ${name}`,
    bounds: `bounds of ${name}`,
  };
}

/** Names of the graph's outputs for the rows after the last step, one for each part. */
export function rowOutputs(layout: TableLayout): string[] {
  return layout.parts.map((_, part) => `next.${inputNames(layout).rows}.${part}`);
}

/**
 * The inputs for the first steps of those that touch some rows.
 *
 * @param whole whether the graph picks the rows out of the whole table, which is not copied, or is handed them:
 * what it is handed, a GPU takes over.
 */
export function tableFeeds(
  layout: TableLayout,
  table: Table,
  { rows, touched, bounds }: TouchedRows,
  run: { steps: number; whole: boolean },
): Record<string, Tensor> {
  const names = inputNames(layout);
  const { width } = layout;
  const data = run.whole ? table.read() : table.gather(rows);
  const picked = run.whole ? rows : rows.map((_, place) => place);
  return {
    [names.table]: { dtype: 'float32', shape: [data.length / width, width], data },
    [names.rows]: { dtype: 'int32', shape: [rows.length], data: picked },
    [names.touched]: { dtype: 'int32', shape: [touched.length], data: touched },
    [names.bounds]: { dtype: 'int32', shape: [run.steps, 2], data: bounds.subarray(0, 2 * run.steps) },
  };
}
