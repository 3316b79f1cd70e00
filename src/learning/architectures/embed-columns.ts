import { tensorOf, type Value } from '../../engine/onnx';
import { add, concat, gather, reshape, slice } from '../../engine/ops';
import { embedding, embeddingBag, type Initializer, normal, type Scope, zeros } from '../../engine/nn';
import { type BagColumns, type InputShape } from '../features/encoded-examples';
import { type NetworkConfig } from './model-config';

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
}

/**
 * Looks up every column of ids, and pools every bag of columns: […, C] → […, Σ widths], bags last.
 *
 * Columns of equal width share one table, each with rows of its own: one lookup, and one scatter in the
 * backward pass, instead of one for each column. A bag has a table of its own.
 */
export function embedColumns(scope: Scope, ids: Value, options: EmbeddedColumns): Value {
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
    const vectors = embedding(scope.in(`width${width}`), shifted, tableOf(rows, width, options));
    return reshape(vectors, [...leading(ids), columns.length * width]);
  });
  const bags = (options.bags ?? []).map(({ first, size, pooling }, index) => {
    const count = options.cardinalities[first] ?? 0;
    const slots = slice(ids, { axis: ids.rank - 1, start: first, end: first + size });
    const width = widthOf(count, options.dimension);
    const table = tableOf(count, width, options);
    return embeddingBag(scope.in(`bag${index + 1}`), slots, { ...table, pooling });
  });
  return concat([...parts, ...bags], ids.rank - 1);
}

/** min(32, the power of two at or above 1.6 · n^0.56): a little more than the fourth root for small vocabularies. */
export function autoWidth(cardinality: number): number {
  const wanted = 1.6 * cardinality ** 0.56;
  return AUTO_WIDTHS.find((width) => width >= wanted) ?? 32;
}

function widthOf(cardinality: number, dimension: EmbeddedColumns['dimension']): number {
  return dimension === 'auto' ? autoWidth(cardinality) : dimension;
}

/** Columns that are in no bag, by the width of their vectors. */
function widthGroups({
  cardinalities,
  bags = [],
  dimension,
}: EmbeddedColumns): { width: number; columns: number[] }[] {
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
): Value {
  return embedColumns(scope, ids, { cardinalities, bags, dimension: 1, initializer: zeros, decays: true });
}
