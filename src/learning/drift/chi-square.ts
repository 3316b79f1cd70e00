import { lnGamma } from '../decisions/ln-gamma';

const TERMS = 500;
const STEPS = 100;

/** What χ² with so many degrees of freedom passes with the probability `tail`, 0 < tail < 1. */
export function chiSquareCritical(degrees: number, tail: number): number {
  let low = 0;
  let high = degrees + 10;
  while (upperGamma(degrees / 2, high / 2) > tail) high *= 2;
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (upperGamma(degrees / 2, middle / 2) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The regularized upper incomplete gamma function: by the series of the lower one, and by the continued fraction where
 * that would lose digits (Abramowitz & Stegun 1964, 6.5.29 and 6.5.31).
 */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const scale = Math.exp(a * Math.log(x) - x - lnGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < TERMS && term > sum * 1e-16; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - scale * sum;
  }
  let fraction = x;
  for (let n = TERMS; n >= 1; n--) fraction = x + (n - a) / (1 + n / fraction);
  return scale / fraction;
}
