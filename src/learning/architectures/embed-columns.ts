import { tensorOf, type Value } from '../../engine/onnx';
import { add, concat, gather, matMul, reshape, slice } from '../../engine/ops';
import { embedding, embeddingBag, type Initializer, normal, type Scope, zeros } from '../../engine/nn';
import { type BagColumns, type InputShape } from '../features/encoded-examples';
import { type NetworkConfig } from './model-config';
import { type CategoryBlend } from './network';

/** Widths that `auto` chooses from: few, so that many columns share one table. */
const AUTO_WIDTHS = [2, 4, 8, 16, 32];

export interface EmbeddedColumns {
  /** Ids 0..cardinality-1 per column. */
  readonly cardinalities: readonly number[];
  /** Columns that are bags of categories, with one cardinality; none unless given. */
  readonly bags?: readonly BagColumns[] | undefined;
  readonly dimension: NetworkConfig['embeddingDimension'];
  /** Of a first value, times √width; 1 unless given. */
  readonly scale?: number;
  /** As `embedding` takes them. */
  readonly initializer?: Initializer;
  readonly decays?: boolean;
  readonly blend?: CategoryBlend | undefined;
}

/** Some columns that share a table. */
interface EmbeddedPart {
  readonly vectors: Value;
  /** Where the table is. */
  readonly scope: Scope;
  readonly table: ReturnType<typeof tableOf>;
  /** Each with the first of its rows in the table. */
  readonly columns: readonly { readonly column: number; readonly firstRow: number }[];
}

/**
 * Looks up every column of ids, and pools every bag of columns: […, C] → […, Σ widths], bags last.
 *
 * Columns of equal width share one table, each with rows of its own: one lookup, and one scatter in the
 * backward pass, instead of one for each column. A bag has a table of its own.
 */
export function embedColumns(scope: Scope, ids: Value, options: EmbeddedColumns): Value {
  const parts = embeddedParts(scope, ids, options);
  const vectors = concat(
    parts.map((part) => part.vectors),
    ids.rank - 1,
  );
  const { blend } = options;
  if (!blend) return vectors;
  const average = concat(
    parts.map((part) => averageOf(part, blend.shares)),
    0,
  );
  const columns = parts.flatMap((part) =>
    part.columns.flatMap(({ column }) => Array<number>(part.table.width).fill(column)),
  );
  return blend.mix(vectors, average, columns);
}

function embeddedParts(scope: Scope, ids: Value, options: EmbeddedColumns): EmbeddedPart[] {
  const { graph } = ids;
  const parts = widthGroups(options).map(({ width, columns }) => {
    const picked = columns.length === ids.size(-1) ? ids : gather(ids, graph.ints(columns), ids.rank - 1);
    let rows = 0;
    const firstRows = columns.map((column) => {
      const first = rows;
      rows += options.cardinalities[column] ?? 0;
      return first;
    });
    const shifted = add(picked, graph.constant(tensorOf(ids.dtype, [columns.length], firstRows)));
    const own = scope.in(`width${width}`);
    const table = tableOf(rows, width, options);
    const vectors = reshape(embedding(own, shifted, table), [...leading(ids), columns.length * width]);
    const placed = columns.map((column, index) => ({ column, firstRow: firstRows[index] ?? 0 }));
    return { vectors, scope: own, table, columns: placed };
  });
  const bags = (options.bags ?? []).map(({ first, size, pooling }, index) => {
    const count = options.cardinalities[first] ?? 0;
    const slots = slice(ids, { axis: ids.rank - 1, start: first, end: first + size });
    const table = tableOf(count, widthOf(count, options.dimension), options);
    const own = scope.in(`bag${index + 1}`);
    const vectors = embeddingBag(own, slots, { ...table, pooling });
    return { vectors, scope: own, table, columns: [{ column: first, firstRow: 0 }] };
  });
  return [...parts, ...bags];
}

/** The average vectors of a part's columns, side by side: what the shares make of the table's rows. */
function averageOf({ scope, table, columns }: EmbeddedPart, shares: CategoryBlend['shares']): Value {
  const { count, width } = table;
  const rows = scope.parameter('table', [count, width], table);
  const weights = new Float32Array(columns.length * count);
  columns.forEach(({ column, firstRow }, index) => {
    weights.set(shares[column] ?? [], index * count + firstRow);
  });
  // In the table's own graph: outside any loop, and computed before the graph is ever run.
  const ofRows = rows.graph.constant({ dtype: 'float32', shape: [columns.length, count], data: weights });
  return reshape(matMul(ofRows, rows), [columns.length * width]);
}

/** min(32, the power of two at or above 1.6 · n^0.56): a little more than the fourth root for small vocabularies. */
export function autoWidth(cardinality: number): number {
  const wanted = 1.6 * cardinality ** 0.56;
  return AUTO_WIDTHS.find((width) => width >= wanted) ?? 32;
}

export function widthOf(cardinality: number, dimension: EmbeddedColumns['dimension']): number {
  return dimension === 'auto' ? autoWidth(cardinality) : dimension;
}

/** Columns that are in no bag, by the width of their vectors, in the order in which these stand side by side. */
export function widthGroups({
  cardinalities,
  bags = [],
  dimension,
}: Pick<EmbeddedColumns, 'cardinalities' | 'bags' | 'dimension'>): { width: number; columns: number[] }[] {
  const groups = new Map<number, number[]>();
  cardinalities.forEach((cardinality, column) => {
    if (bags.some(({ first, size }) => column >= first && column < first + size)) return;
    const width = widthOf(cardinality, dimension);
    groups.set(width, [...(groups.get(width) ?? []), column]);
  });
  return [...groups].map(([width, columns]) => ({ width, columns }));
}

/** For `reshape`: 0 keeps a dimension as it is, known or not. */
function leading(ids: Value): number[] {
  return ids.shape.slice(0, -1).map(() => 0);
}

function tableOf(count: number, width: number, options: EmbeddedColumns) {
  const { scale = 1, initializer = normal(scale / Math.sqrt(width)), decays = false } = options;
  return { count, width, initializer, decays };
}

/**
 * The weight of each category in its column, or of those in a bag together, 0 at first: […, C]. Their sum is what logistic
 * regression makes of them.
 */
export function categoryWeights(
  scope: Scope,
  ids: Value,
  { cardinalities, bags }: Pick<InputShape, 'cardinalities' | 'bags'>,
  blend?: CategoryBlend,
): Value {
  const columns = { cardinalities, bags, dimension: 1, initializer: zeros, decays: true, blend };
  return embedColumns(scope, ids, columns);
}
