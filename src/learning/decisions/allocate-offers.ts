/** One thing that can be done for a subject. */
export interface Option {
  /** What it takes from the budget, 0 or more. */
  readonly cost: number;
  /** What it is worth, over doing nothing. */
  readonly value: number;
}

export interface Allocation {
  /** Of each subject: the option's index, or null for nothing. */
  readonly choices: readonly (number | null)[];
  readonly cost: number;
  readonly value: number;
  /** What no allocation within the budget is worth more than: that of the linear relaxation. */
  readonly bound: number;
  /** What the next unit of budget would be worth, about; 0 where the budget is not used up. */
  readonly shadowPrice: number;
}

/** A step from one option of a subject to the next dearer one that is worth it. */
interface Step {
  readonly subject: number;
  readonly option: number;
  readonly cost: number;
  readonly value: number;
}

/**
 * At most one option per subject, worth as much as possible within a budget: the multiple-choice knapsack problem. Of each
 * subject's options only those on the upper concave envelope of value over cost can be in the best solution of the linear
 * relaxation, which takes the steps between them by falling value per cost (Sinha & Zoltners 1979; Dyer 1984). Here a step
 * that does not fit is left out, with the dearer ones of its subject, and the next ones are tried. The result is worth
 * at least the bound less one step.
 */
export function allocateOffers(subjects: readonly (readonly Option[])[], budget: number): Allocation {
  const steps = subjects.flatMap((options, subject) => envelope(options, subject));
  // Of one subject the envelope's steps fall already; equal ones stay in their order.
  steps.sort((a, b) => ratio(b) - ratio(a));
  const choices: (number | null)[] = subjects.map(() => null);
  const stopped = new Set<number>();
  let left = budget;
  let value = 0;
  let bound: number | null = null;
  let shadowPrice = 0;
  for (const step of steps) {
    if (stopped.has(step.subject)) continue;
    if (step.cost > left) {
      if (bound === null) {
        bound = value + step.value * (left / step.cost);
        shadowPrice = step.value / step.cost;
      }
      stopped.add(step.subject);
      continue;
    }
    choices[step.subject] = step.option;
    left -= step.cost;
    value += step.value;
  }
  return { choices, cost: budget - left, value, bound: bound ?? value, shadowPrice };
}

const ratio = ({ value, cost }: Step): number => (cost === 0 ? Infinity : value / cost);

/** The steps along the upper concave envelope from nothing, each worth more than nothing. */
function envelope(options: readonly Option[], subject: number): Step[] {
  const order = options
    .map((option, index) => ({ ...option, index }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => a.cost - b.cost || b.value - a.value);
  const hull = [{ cost: 0, value: 0, index: -1 }];
  for (const option of order) {
    const last = hull.at(-1);
    // Dearer and no better.
    if (!last || option.value <= last.value) continue;
    while (hull.length > 1) {
      const [before, middle] = hull.slice(-2);
      if (!before || !middle || slope(before, middle) > slope(middle, option)) break;
      hull.pop();
    }
    hull.push(option);
  }
  return hull.slice(1).map(({ cost, value, index }, place) => {
    const before = hull[place];
    return {
      subject,
      option: index,
      cost: cost - (before?.cost ?? 0),
      value: value - (before?.value ?? 0),
    };
  });
}

function slope(from: Option, to: Option): number {
  const cost = to.cost - from.cost;
  return cost === 0 ? Infinity : (to.value - from.value) / cost;
}
