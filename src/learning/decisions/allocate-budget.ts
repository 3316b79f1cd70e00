/**
 * What money buys where there is only so much to buy: of N impressions, spend s buys N · (1 − e^(−s / a)), a = N · m,
 * where m is the price of the first one. Each further impression costs m · e^(s / a): the ones that are left are dearer.
 */
export interface ReturnCurve {
  /** N · q: what all of the inventory would bring, above 0. */
  readonly ceiling: number;
  /** a: the spend at which the marginal return has fallen to 1/e of the first; above 0. */
  readonly scale: number;
}

/** Where money may go. */
export interface Option extends ReturnCurve {
  /** 0 or more. */
  readonly least: number;
  /** At least `least`; may be Infinity. */
  readonly most: number;
}

export interface Allocation {
  /** By option. */
  readonly spends: readonly number[];
  /** What the next unit of money would bring, wherever it may still go; 0 where it may go nowhere. */
  readonly marginal: number;
}

export const returnOf = ({ ceiling, scale }: ReturnCurve, spend: number): number =>
  -ceiling * Math.expm1(-spend / scale);

/** What the next unit of money brings. */
export const marginalOf = ({ ceiling, scale }: ReturnCurve, spend: number): number =>
  (ceiling / scale) * Math.exp(-spend / scale);

/**
 * Spreads a budget so that the sum of the returns is largest, by water-filling: returns are concave, so at the optimum
 * every option that may take more or less has the same marginal return μ (Boyd & Vandenberghe 2004, §5.5.3, ex. 5.2).
 *
 * With λ = ln μ, an option takes a · (ln(ceiling / a) − λ), within its bounds. The sum falls with λ along straight lines
 * between the points where an option meets a bound, so that the λ of the budget is found exactly. O(n log n).
 *
 * @param worthwhile no more is spent where the next unit of money brings less than this; the rest of the budget is left
 * @returns null where what the options take at least is more than the budget
 */
export function allocateBudget(
  options: readonly Option[],
  budget: number,
  worthwhile = 0,
): Allocation | null {
  const least = options.reduce((sum, option) => sum + option.least, 0);
  if (least > budget * (1 + 1e-12)) return null;
  const level = Math.max(levelOf(options, budget), Math.log(worthwhile));
  const spends = withinBudget(
    options,
    options.map((option) => spendAt(option, level)),
    budget,
  );
  const open = options.flatMap((option, index) => {
    const spend = spends[index] ?? 0;
    return spend < option.most ? [marginalOf(option, spend)] : [];
  });
  return { spends, marginal: Math.max(0, ...open) };
}

/** Where scales are many powers of ten apart, rounding may spend a little more than there is. */
function withinBudget(
  options: readonly Option[],
  spends: readonly number[],
  budget: number,
): readonly number[] {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const [spent, least] = [sum(spends), sum(options.map((option) => option.least))];
  if (spent <= budget || spent <= least) return spends;
  const share = Math.max(0, budget - least) / (spent - least);
  return options.map((option, index) => option.least + share * ((spends[index] ?? 0) - option.least));
}

const spendAt = ({ ceiling, scale, least, most }: Option, level: number): number =>
  Math.min(most, Math.max(least, scale * (Math.log(ceiling / scale) - level)));

/** λ at which the options take the whole budget; −∞ where they cannot. */
function levelOf(options: readonly Option[], budget: number): number {
  // Falling λ: first an option begins to take more than its least, then it has its most.
  const bends = options
    .flatMap(({ ceiling, scale, least, most }) => {
      const at = (spend: number) => Math.log(ceiling / scale) - spend / scale;
      return least === most
        ? []
        : [
            { level: at(least), slope: scale },
            { level: at(most), slope: -scale },
          ];
    })
    .filter(({ level }) => level > -Infinity)
    .sort((first, second) => second.level - first.level);
  let spent = options.reduce((sum, option) => sum + option.least, 0);
  let slope = 0;
  let level = Infinity;
  for (const bend of bends) {
    const added = slope > 0 ? slope * (level - bend.level) : 0;
    if (slope > 0 && spent + added >= budget) return level - (budget - spent) / slope;
    spent += added;
    slope += bend.slope;
    level = bend.level;
  }
  // What is left of the slopes are options without an upper bound, or rounding.
  return options.some(({ most }) => most === Infinity) ? level - (budget - spent) / slope : -Infinity;
}
