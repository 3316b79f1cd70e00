/**
 * Of how many independent values the values of many subjects say as much: (Σw)² / Σw², with the number of each subject's
 * values as its weight (Kish 1965). That is exact where a subject's values are all the same, and cautious else.
 */
export class EffectiveCount {
  private readonly weights = new Map<number | string, number>();

  add(subject: number | string, weight = 1): void {
    if (weight > 0) this.weights.set(subject, (this.weights.get(subject) ?? 0) + weight);
  }

  get value(): number {
    let sum = 0;
    let squares = 0;
    for (const weight of this.weights.values()) {
      sum += weight;
      squares += weight ** 2;
    }
    return squares === 0 ? 0 : sum ** 2 / squares;
  }
}
