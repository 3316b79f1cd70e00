import { AppError, type Issue } from '../../../src/errors';
import { fitPriceCurve, type PriceCurve } from '../../../src/learning/decisions/fit-price-curve';
import { type BetaPosterior } from '../../../src/learning/decisions/thompson';
import {
  type PlacementOptionInput,
  type PlacementPlanInput,
  type RecordedResultsInput,
} from './placement-plan-input';

const MAX_OPTIONS = 100;
const MAX_OBSERVATIONS = 1_000;
const SMALLEST = 1e-9;
const LARGEST = 1e12;
/** Jeffreys' prior: half a success and half a failure. */
const JEFFREYS = 0.5;

const isAmount = (value: number) => value >= SMALLEST && value <= LARGEST;
const AMOUNT = `must be above 0: from ${SMALLEST} to ${LARGEST}`;

/** @throws AppError BAD_USER_INPUT with the path of each issue */
export function checkPlan({ budget, maximumCost, options, objective }: PlacementPlanInput): void {
  const issues: Issue[] = [];
  if (!isAmount(budget)) issues.push({ path: 'budget', message: AMOUNT });
  if (maximumCost != null && !isAmount(maximumCost)) issues.push({ path: 'maximumCost', message: AMOUNT });
  if (options.length === 0 || options.length > MAX_OPTIONS)
    issues.push({ path: 'options', message: `holds ${options.length}; 1 to ${MAX_OPTIONS} fit` });
  const names = new Set<string>();
  for (const [index, option] of options.slice(0, MAX_OPTIONS).entries()) {
    const { name, minimumSpend, maximumSpend, recorded } = option;
    const issue = (path: string, message: string) =>
      issues.push({ path: `options.${index}.${path}`, message });
    if (name.length === 0 || name.length > 200) issue('name', 'must have 1 to 200 characters');
    if (names.has(name)) issue('name', 'is the name of another option');
    names.add(name);
    if (!(minimumSpend >= 0 && minimumSpend <= LARGEST)) issue('minimumSpend', 'must be 0 or more');
    if (maximumSpend != null && !(maximumSpend >= minimumSpend))
      issue('maximumSpend', `must be at least minimumSpend, ${minimumSpend}`);
    checkPrices(option, issue);
    if (recorded) checkResults(recorded, issue);
    if (objective === 'CONVERSIONS' && recorded?.conversions == null)
      issue('recorded.conversions', 'is needed to plan for conversions');
  }
  const least = options.reduce((sum, { minimumSpend }) => sum + minimumSpend, 0);
  if (isAmount(budget) && least > budget)
    issues.push({ path: 'budget', message: `is less than the options take at least, ${least}` });
  const [first] = issues;
  if (first) throw new AppError('BAD_USER_INPUT', `${first.path} ${first.message}.`, issues);
}

type Report = (path: string, message: string) => void;

function checkPrices({ inventory, cpm, observations }: PlacementOptionInput, issue: Report): void {
  if (observations == null) {
    if (inventory == null || !isAmount(inventory)) issue('inventory', `${AMOUNT}, or give observations`);
    if (cpm == null || !isAmount(cpm)) issue('cpm', `${AMOUNT}, or give observations`);
    return;
  }
  if (inventory != null || cpm != null) issue('observations', 'give either these, or inventory and cpm');
  if (new Set(observations.map(({ spend }) => spend)).size < 2 || observations.length > MAX_OBSERVATIONS)
    issue('observations', `2 to ${MAX_OBSERVATIONS}, at different spends`);
  observations.slice(0, MAX_OBSERVATIONS).forEach(({ spend, impressions }, at) => {
    if (!isAmount(spend)) issue(`observations.${at}.spend`, AMOUNT);
    if (!(impressions >= 0 && impressions <= LARGEST))
      issue(`observations.${at}.impressions`, 'must be 0 or more');
  });
  if (observations.every(({ impressions }) => impressions === 0))
    issue('observations', 'no impressions were bought in any of them');
}

function checkResults({ impressions, clicks, conversions }: RecordedResultsInput, issue: Report): void {
  if (!isAmount(impressions)) issue('recorded.impressions', AMOUNT);
  if (!(clicks >= 0 && clicks <= impressions)) issue('recorded.clicks', 'must be 0 to the impressions');
  if (conversions != null && !(conversions >= 0 && conversions <= clicks))
    issue('recorded.conversions', 'must be 0 to the clicks');
}

/** Of an option that was checked. */
export function priceCurveOf({ inventory, cpm, observations }: PlacementOptionInput): PriceCurve {
  if (observations) return fitPriceCurve(observations);
  return { inventory: inventory ?? NaN, price: (cpm ?? NaN) / 1000 };
}

/** Of a click, and of a conversion after it where these are planned for. */
export function recordedRates(
  { impressions, clicks, conversions }: RecordedResultsInput,
  objective: PlacementPlanInput['objective'],
): BetaPosterior[] {
  const posterior = (trials: number, successes: number) => ({
    alpha: successes + JEFFREYS,
    beta: trials - successes + JEFFREYS,
  });
  return [
    posterior(impressions, clicks),
    ...(objective === 'CONVERSIONS' ? [posterior(clicks, conversions ?? 0)] : []),
  ];
}
