/** Bernoulli numbers over k(k + 1): the terms of Stirling's series. */
const TERMS = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360];
/** From here on the series is good to the last digits. */
const LARGE = 10;

/** ln Γ(x) for x > 0: Stirling's series, reached by Γ(x) = Γ(x + 1) / x. */
export function lnGamma(x: number): number {
  let shift = 0;
  let z = x;
  while (z < LARGE) {
    shift += Math.log(z);
    z++;
  }
  let power = 1 / z;
  let series = 0;
  for (const term of TERMS) {
    series += term * power;
    power /= z * z;
  }
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
