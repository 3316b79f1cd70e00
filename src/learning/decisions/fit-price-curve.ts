/** So much was spent in a period like the plan's, and bought so many impressions. */
export interface PriceObservation {
  /** Above 0. */
  readonly spend: number;
  readonly impressions: number;
}

/** Inventory and first price of N · (1 − e^(−spend / (N · price))). */
export interface PriceCurve {
  readonly inventory: number;
  /** Of the first impression. */
  readonly price: number;
}

/** Scales that are tried, as multiples of the largest spend: beyond the last, what is seen is a straight line. */
const SCALES = { from: 0.01, to: 100, steps: 200 };
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const REFINEMENTS = 60;

/**
 * The least-squares curve through what was bought. For a given scale the inventory is a linear least-squares problem, so
 * that only the scale is searched: on a grid of logarithms, then by golden section. Where prices do not rise, the scale
 * ends at a hundred times the largest spend.
 *
 * @param observations with impressions in one of them at least
 */
export function fitPriceCurve(observations: readonly PriceObservation[]): PriceCurve {
  const largest = Math.max(...observations.map(({ spend }) => spend));
  const fit = (logScale: number) => {
    const scale = largest * Math.exp(logScale);
    let [cross, square] = [0, 0];
    for (const { spend, impressions } of observations) {
      const share = -Math.expm1(-spend / scale);
      cross += impressions * share;
      square += share * share;
    }
    const inventory = cross / square;
    const error = observations.reduce(
      (sum, { spend, impressions }) => sum + (impressions + inventory * Math.expm1(-spend / scale)) ** 2,
      0,
    );
    return { inventory, scale, error };
  };
  const [from, to] = [Math.log(SCALES.from), Math.log(SCALES.to)];
  const width = (to - from) / SCALES.steps;
  const grid = Array.from({ length: SCALES.steps + 1 }, (_, step) => from + step * width);
  const best = grid.reduce((least, at) => (fit(at).error < fit(least).error ? at : least), from);
  let [low, high] = [Math.max(from, best - width), Math.min(to, best + width)];
  for (let step = 0; step < REFINEMENTS; step++) {
    const [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
    if (fit(left).error < fit(right).error) high = right;
    else low = left;
  }
  const { inventory, scale } = fit((low + high) / 2);
  return { inventory, price: scale / inventory };
}
