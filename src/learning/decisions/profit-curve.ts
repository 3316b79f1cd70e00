import { groupByScore } from '../evaluation/score-groups';

/** What approaching somebody costs and brings, in one currency. */
export interface Payoff {
  /** Of an approach, whatever comes of it. */
  readonly cost: number;
  /** Of a yes by somebody who was approached. */
  readonly benefit: number;
}

/** What comes of approaching everybody of at least a probability. */
export interface ProfitPoint {
  readonly threshold: number;
  readonly approached: number;
  readonly positives: number;
  /** benefit · positives − cost · approached. */
  readonly profit: number;
}

export interface ProfitCurve {
  /** From nobody to everybody, at most {@link MAX_POINTS}; the best one is among them. */
  readonly points: readonly ProfitPoint[];
  /** Of largest profit; of equal ones, that of fewest approaches. Its threshold lies midway to the next probability below. */
  readonly best: ProfitPoint;
  readonly everybody: ProfitPoint;
}

export const MAX_POINTS = 200;

/** The profit at every threshold: Provost & Fawcett's profit curve, in amounts rather than shares. */
export function profitCurve(
  labels_N: Float32Array,
  probabilities_N: Float32Array,
  { cost, benefit }: Payoff,
): ProfitCurve {
  const groups = groupByScore(labels_N, probabilities_N);
  const nobody: ProfitPoint = { threshold: 1, approached: 0, positives: 0, profit: 0 };
  const points = [nobody];
  let best = 0;
  groups.truePositives.forEach((positives, group) => {
    const approached = positives + (groups.falsePositives[group] ?? 0);
    const lowest = groups.scores[group] ?? 0;
    const threshold = (lowest + (groups.scores[group + 1] ?? 0)) / 2;
    const profit = benefit * positives - cost * approached;
    points.push({ threshold, approached, positives, profit });
    if (profit > (points[best]?.profit ?? 0)) best = points.length - 1;
  });
  return {
    points: thinned(points, best),
    best: points[best] ?? nobody,
    everybody: points.at(-1) ?? nobody,
  };
}

/** What comes of a threshold that was chosen elsewhere. */
export function profitAt(
  labels_N: Float32Array,
  probabilities_N: Float32Array,
  { cost, benefit }: Payoff,
  threshold: number,
): ProfitPoint {
  let approached = 0;
  let positives = 0;
  probabilities_N.forEach((probability, n) => {
    if (probability < threshold) return;
    approached++;
    positives += labels_N[n] ?? 0;
  });
  return { threshold, approached, positives, profit: benefit * positives - cost * approached };
}

function thinned(points: readonly ProfitPoint[], best: number): ProfitPoint[] {
  const last = points.length - 1;
  if (points.length <= MAX_POINTS) return [...points];
  const kept = new Set([0, best, last]);
  // One place is kept for the best.
  for (let place = 0; place < MAX_POINTS - 1; place++)
    kept.add(Math.round((place * last) / (MAX_POINTS - 2)));
  return [...kept]
    .filter((place) => place <= last)
    .sort((a, b) => a - b)
    .flatMap((place) => points[place] ?? []);
}
