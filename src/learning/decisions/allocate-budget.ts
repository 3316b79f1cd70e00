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

/** e^−37 is less than the last bit of 1: what is spent beyond 37 scales buys nothing that a number could show. */
const SATURATED = 37;

/**
 * Spreads a budget so that the sum of the returns is largest, by water-filling: returns are concave, so at the optimum
 * every option that may take more or less has the same marginal return μ (Boyd & Vandenberghe 2004, §5.5.3, ex. 5.2).
 *
 * With λ = ln μ, an option takes a · (ln(ceiling / a) − λ), within its bounds.
 *
 * @param worthwhile no more is spent where the next unit of money brings less than this; the rest of the budget is left,
 * as is what would buy nothing because everything is bought
 * @returns null where what the options take at least is more than the budget
 */
export function allocateBudget(
  options: readonly Option[],
  budget: number,
  worthwhile = 0,
): Allocation | null {
  const least = sumOf(options, (option) => option.least);
  if (least > budget * (1 + 1e-12)) return null;
  const bounded = options.map((option) => ({
    ...option,
    most: Math.max(option.least, Math.min(option.most, SATURATED * option.scale)),
  }));
  const { spends, level } = shared(bounded, budget);
  return worth(
    bounded,
    level < Math.log(worthwhile) ? bounded.map((option) => spendAt(option, Math.log(worthwhile))) : spends,
  );
}

/** With what the next unit of money would bring. */
function worth(options: readonly Option[], spends: readonly number[]): Allocation {
  const open = options.flatMap((option, index) => {
    const spend = spends[index] ?? 0;
    return spend < option.most ? [marginalOf(option, spend)] : [];
  });
  return { spends, marginal: Math.max(0, ...open) };
}

const sumOf = <T>(values: readonly T[], of: (value: T, index: number) => number): number =>
  values.reduce((sum, value, index) => sum + of(value, index), 0);

/** ln of what the first unit of money brings. */
const firstOf = ({ ceiling, scale }: ReturnCurve): number => Math.log(ceiling / scale);

const spendAt = (option: Option, level: number): number =>
  Math.min(option.most, Math.max(option.least, option.scale * (firstOf(option) - level)));

/**
 * All of the budget that there is use for, and its λ, by fixing variables (Bitran & Hax 1981): the open options share
 * what the others leave; whichever bounds are broken by more in sum hold at the optimum too, and close their options.
 */
function shared(options: readonly Option[], budget: number): { spends: readonly number[]; level: number } {
  const spends = options.map(({ least }) => least);
  let open = options.flatMap((option, index) => (option.least < option.most ? [{ option, index }] : []));
  let left = budget - sumOf(options, ({ least, most }) => (least < most ? 0 : least));
  let level = -Infinity;
  while (open.length > 0) {
    const split = equalReturns(
      open.map(({ option }) => option),
      left,
    );
    level = split.level;
    open.forEach(({ index }, place) => (spends[index] = split.spends[place] ?? 0));
    const beyond = ({ option: { least, most }, index }: (typeof open)[number]) => {
      const spend = spends[index] ?? 0;
      return spend > most ? spend - most : Math.min(0, spend - least);
    };
    const broken = sumOf(open, beyond);
    const closing = open.filter((one) => (broken >= 0 ? beyond(one) > 0 : beyond(one) < 0));
    if (closing.length === 0) break;
    for (const { option, index } of closing) {
      spends[index] = broken >= 0 ? option.most : option.least;
      left -= spends[index];
    }
    open = open.filter((one) => !closing.includes(one));
    if (open.length === 0) level = left > 0 ? -Infinity : Infinity;
  }
  return { spends: withinBudget(options, spends, budget), level };
}

/**
 * What each takes so that their marginal returns are equal, bounds aside. Counted from the option of the largest scale:
 * else rounding of its λ, times its scale, would be more than what small ones have.
 */
function equalReturns(options: readonly Option[], budget: number) {
  const scale = sumOf(options, (option) => option.scale);
  const largest = options.reduce((first, second) => (second.scale > first.scale ? second : first));
  const ahead = (option: Option) => firstOf(option) - firstOf(largest);
  const level = sumOf(options, (option) => (option.scale / scale) * ahead(option)) - budget / scale;
  return {
    spends: options.map((option) => option.scale * (ahead(option) - level)),
    level: level + firstOf(largest),
  };
}

/** Where scales are many powers of ten apart, rounding may spend a little more than there is. */
function withinBudget(
  options: readonly Option[],
  spends: readonly number[],
  budget: number,
): readonly number[] {
  const [spent, least] = [sumOf(spends, Number), sumOf(options, (option) => option.least)];
  if (spent <= budget || spent <= least) return spends;
  const share = Math.max(0, budget - least) / (spent - least);
  return options.map((option, index) => option.least + share * ((spends[index] ?? 0) - option.least));
}
