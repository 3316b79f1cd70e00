/** The normal quantile of 0.975: a 95 % interval reaches so many standard errors to either side. */
export const Z_95 = 1.959963984540054;

const SERIES_UNTIL = 3;
const FRACTION_TERMS = 60;

/** Two-sided p-value of a standard normal z: erfc(|z| / √2), 0..1. */
export function twoSidedP(z: number): number {
  return erfc(Math.abs(z) / Math.SQRT2);
}

/**
 * The complementary error function for x ≥ 0: by the series of erf, whose terms are all positive, and by the continued
 * fraction where that loses digits (Abramowitz & Stegun 1964, 7.1.6 and 7.1.14).
 */
function erfc(x: number): number {
  const bell = Math.exp(-x * x) / Math.sqrt(Math.PI);
  if (x < SERIES_UNTIL) {
    let term = x;
    let sum = x;
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - 2 * bell * sum;
  }
  let fraction = x;
  for (let n = FRACTION_TERMS; n >= 1; n--) fraction = x + n / 2 / fraction;
  return bell / fraction;
}
