const MAX_ITERATIONS = 100;

/** Points in (0, 1) and their weights, which add up to 1. */
export interface Quadrature {
  readonly points: readonly number[];
  readonly weights: readonly number[];
}

/**
 * Gauss–Legendre quadrature on [0, 1]: exact for polynomials up to degree 2·count − 1. The points are the roots of the
 * Legendre polynomial of that degree, found by Newton's method (Press et al. 2007, 4.6.1).
 *
 * @param count 1 or more
 */
export function gaussLegendre(count: number): Quadrature {
  const points: number[] = [];
  const weights: number[] = [];
  for (let index = 0; index < count; index++) {
    let x = Math.cos((Math.PI * (count - index - 0.25)) / (count + 0.5));
    let slope = 1;
    for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
      const { value, derivative } = legendre(count, x);
      const step = value / derivative;
      x -= step;
      slope = derivative;
      if (Math.abs(step) < 1e-15) break;
    }
    points.push((1 + x) / 2);
    weights.push(1 / ((1 - x * x) * slope * slope));
  }
  return { points, weights };
}

/** P_degree and its derivative at x, by the recurrence of Bonnet. */
function legendre(degree: number, x: number): { value: number; derivative: number } {
  let before = 1;
  let value = x;
  for (let n = 2; n <= degree; n++)
    [before, value] = [value, ((2 * n - 1) * x * value - (n - 1) * before) / n];
  return { value, derivative: (degree * (x * value - before)) / (x * x - 1) };
}
