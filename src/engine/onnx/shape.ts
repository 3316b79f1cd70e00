/**
 * A dimension: a number, or a symbol for one that is known only when the graph runs (`N`),
 * possibly with a factor (`32*N`), which is what flattening a batch of sequences gives.
 */
export type Dim = number | string;
export type Shape = readonly Dim[];

/** A dimension as a product: factor × symbols. */
interface Monomial {
  readonly factor: number;
  readonly symbols: readonly string[];
}

function parse(dim: Dim): Monomial {
  if (typeof dim === 'number') return { factor: dim, symbols: [] };
  const parts = dim.split('*');
  const numbers = parts.filter((part) => /^\d+$/.test(part)).map(Number);
  return {
    factor: numbers.reduce((product, factor) => product * factor, 1),
    symbols: parts.filter((part) => !/^\d+$/.test(part)).sort(),
  };
}

function format({ factor, symbols }: Monomial): Dim {
  if (symbols.length === 0 || factor === 0) return factor;
  return (factor === 1 ? symbols : [String(factor), ...symbols]).join('*');
}

/** Number of elements: `[32, 'N', 4]` → `128*N`. */
export function product(shape: Shape): Dim {
  const monomials = shape.map(parse);
  return format({
    factor: monomials.reduce((total, { factor }) => total * factor, 1),
    symbols: monomials.flatMap(({ symbols }) => symbols).sort(),
  });
}

/** total ÷ divisor, or null where that is not a whole dimension. */
export function quotient(total: Dim, divisor: Dim): Dim | null {
  const left = parse(total);
  const right = parse(divisor);
  if (right.factor === 0 || left.factor % right.factor !== 0) return null;
  const symbols = [...left.symbols];
  for (const symbol of right.symbols) {
    const at = symbols.indexOf(symbol);
    if (at < 0) return null;
    symbols.splice(at, 1);
  }
  return format({ factor: left.factor / right.factor, symbols });
}

/** A dimension as a number, given those that its symbols stand for; null where one is not given. */
export function evaluate(dim: Dim, sizes: ReadonlyMap<string, number>): number | null {
  const { factor, symbols } = parse(dim);
  let size = factor;
  for (const symbol of symbols) {
    const known = sizes.get(symbol);
    if (known === undefined) return null;
    size *= known;
  }
  return size;
}

/** NumPy's rule: aligned at the right, equal or 1. Null where the shapes do not fit. */
export function broadcast(a: Shape, b: Shape): Shape | null {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let axis = 0; axis < rank; axis += 1) {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return null;
    result.push(left === 1 ? right : left);
  }
  return result;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** The shape as numbers, or null where a dimension is symbolic. */
export function staticShape(shape: Shape): readonly number[] | null {
  return shape.every((dim) => typeof dim === 'number') ? shape : null;
}

/** `[32,N,4]` */
export function formatShape(shape: Shape): string {
  return `[${shape.join(',')}]`;
}
