import {
  allocateBudget,
  marginalOf,
  type Option,
  type ReturnCurve,
  returnOf,
} from '../../../src/learning/decisions/allocate-budget';
import { type PriceCurve } from '../../../src/learning/decisions/fit-price-curve';
import { type OutcomeInterval, outcomeIntervals } from '../../../src/learning/decisions/outcome-interval';
import { type BetaPosterior, meanOf } from '../../../src/learning/decisions/thompson';

/** Points of a curve, and budgets that a plan is compared with, as shares of its own. */
const CURVE_POINTS = 21;
const BUDGET_SHARES = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];

/** Where money may go, and what it would bring there. */
export interface PlannedOption extends PriceCurve {
  readonly name: string;
  /** Of an impression: of a click, and then of a conversion where those are planned for. */
  readonly rates: readonly BetaPosterior[];
  readonly least: number;
  readonly most: number;
}

export interface CurvePoint {
  readonly spend: number;
  readonly results: number;
  /** Results that the next unit of money brings. */
  readonly marginal: number;
}

export interface PlacementShare {
  readonly name: string;
  readonly spend: number;
  readonly impressions: number;
  readonly results: OutcomeInterval;
  /** Of an impression. */
  readonly rate: number;
  readonly marginal: number;
  readonly inventory: number;
  /** Of a thousand impressions, the first and the next one. */
  readonly cpm: number;
  /** Null where next to nothing is left to buy. */
  readonly marginalCpm: number | null;
  readonly curve: readonly CurvePoint[];
}

export interface Plan {
  readonly spend: number;
  readonly results: OutcomeInterval;
  readonly marginal: number;
  readonly shares: readonly PlacementShare[];
  readonly returns: readonly CurvePoint[];
}

/** @returns null where what the options take at least is more than the budget */
export function planPlacements(
  options: readonly PlannedOption[],
  { budget, worthwhile }: { readonly budget: number; readonly worthwhile: number },
): Plan | null {
  const curves = options.map((option): Option => {
    const { least, most } = option;
    return { ...curveOf(option), least, most };
  });
  const allocated = allocateBudget(curves, budget, worthwhile);
  if (!allocated) return null;
  const { spends, marginal } = allocated;
  const bought = options.map((option, index) => impressionsOf(option, spends[index] ?? 0));
  const { each, total } = outcomeIntervals(
    options.map(({ rates }, index) => ({ count: bought[index] ?? 0, rates })),
  );
  const shares = options.map((option, index): PlacementShare => {
    const spend = spends[index] ?? 0;
    const curve = curveOf(option);
    const { name, inventory, price } = option;
    const next = 1000 * price * Math.exp(spend / curve.scale);
    return {
      ...{ name, spend, inventory, cpm: 1000 * price },
      impressions: bought[index] ?? 0,
      results: each[index] ?? { estimate: 0, low: 0, high: 0 },
      rate: rateOf(option),
      marginal: marginalOf(curve, spend),
      marginalCpm: Number.isFinite(next) ? next : null,
      curve: pointsOf(curve, Math.min(option.most, budget)),
    };
  });
  const returns = BUDGET_SHARES.flatMap((share): CurvePoint[] => {
    const other = allocateBudget(curves, share * budget, worthwhile);
    if (!other) return [];
    const results = curves.reduce((sum, curve, index) => sum + returnOf(curve, other.spends[index] ?? 0), 0);
    const spend = other.spends.reduce((sum, each) => sum + each, 0);
    return [{ spend, results, marginal: other.marginal }];
  });
  return {
    spend: spends.reduce((sum, spend) => sum + spend, 0),
    ...{ results: total, marginal, shares, returns },
  };
}

const rateOf = ({ rates }: PlannedOption): number =>
  rates.reduce((product, rate) => product * meanOf(rate), 1);

function curveOf(option: PlannedOption): ReturnCurve {
  const { inventory, price } = option;
  return { ceiling: inventory * rateOf(option), scale: inventory * price };
}

function impressionsOf({ inventory, price }: PlannedOption, spend: number): number {
  return returnOf({ ceiling: inventory, scale: inventory * price }, spend);
}

function pointsOf(curve: ReturnCurve, most: number): CurvePoint[] {
  return Array.from({ length: CURVE_POINTS }, (_, step) => {
    const spend = (step / (CURVE_POINTS - 1)) * most;
    return { spend, results: returnOf(curve, spend), marginal: marginalOf(curve, spend) };
  });
}
