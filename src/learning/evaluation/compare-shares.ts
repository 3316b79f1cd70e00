import { type Estimate } from './ratio-interval';

/** A comparison of two shares with a 95 % interval; null where it cannot be told. */
export interface Comparison {
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

const UNKNOWN: Comparison = { estimate: null, low: null, high: null };

/**
 * The difference of two shares of different examples, with an interval from those of the shares (Newcombe 1998, method 10).
 */
export function shareDifference(first: Estimate, second: Estimate): Comparison {
  const [a, b] = [limitsOf(first), limitsOf(second)];
  if (!a || !b) return UNKNOWN;
  const estimate = a.share - b.share;
  return {
    estimate,
    low: estimate - Math.hypot(a.share - a.low, b.high - b.share),
    high: estimate + Math.hypot(a.high - a.share, b.share - b.low),
  };
}

/** The ratio of two shares of different examples, with an interval from those of the shares (Donner & Zou 2012). */
export function shareRatio(first: Estimate, second: Estimate): Comparison {
  const [a, b] = [limitsOf(first), limitsOf(second)];
  if (!a || !b || b.share === 0) return UNKNOWN;
  const estimate = a.share / b.share;
  const product = a.share * b.share;
  const lowRoot = product ** 2 - a.low * b.high * (2 * a.share - a.low) * (2 * b.share - b.high);
  const highRoot = product ** 2 - a.high * b.low * (2 * a.share - a.high) * (2 * b.share - b.low);
  const lowScale = b.high * (2 * b.share - b.high);
  const highScale = b.low * (2 * b.share - b.low);
  return {
    estimate,
    low: lowScale > 0 && lowRoot >= 0 ? Math.max(0, (product - Math.sqrt(lowRoot)) / lowScale) : 0,
    // A reference whose interval reaches to 0 leaves the ratio without an upper end.
    high: highScale > 0 && highRoot >= 0 ? (product + Math.sqrt(highRoot)) / highScale : null,
  };
}

function limitsOf({ estimate, low, high }: Estimate) {
  return estimate === null || low === null || high === null ? null : { share: estimate, low, high };
}
