/** How a list is kept from being all alike. */
export interface Diversity {
  /** Most items of one group; null for any number. */
  readonly maxPerGroup: number | null;
  /**
   * What each item of the same group that stands before an item takes from its value, as a factor: 1 takes nothing, 0.5
   * halves it. In (0, 1].
   */
  readonly repeatFactor: number;
}

export interface Ranked {
  readonly value: number;
  /** Alike items; null is like nothing. */
  readonly group: string | null;
}

/**
 * The first items of a list by value, where a repeated group counts for less each time: maximal marginal relevance
 * (Carbonell & Goldstein 1998) with a similarity of one inside a group, in its multiplicative form, which needs no
 * scale. Equal values keep the order given.
 * @returns indices into `items`, at most `first`
 */
export function diversify(items: readonly Ranked[], diversity: Diversity, first: number): number[] {
  const { maxPerGroup, repeatFactor } = diversity;
  const counts = new Map<string, number>();
  const queues = new Map<string | number, number[]>();
  const order = items.map((_, index) => index).sort((a, b) => valueOf(items, b) - valueOf(items, a) || a - b);
  // Inside a group the order is that of the values: only the heads compete.
  for (const index of order) {
    const key = items[index]?.group ?? index;
    const queue = queues.get(key);
    if (queue) queue.push(index);
    else queues.set(key, [index]);
  }
  const chosen: number[] = [];
  while (chosen.length < first) {
    let best: { key: string | number; index: number; value: number } | null = null;
    for (const [key, [index]] of queues) {
      if (index === undefined) continue;
      const before = typeof key === 'string' ? (counts.get(key) ?? 0) : 0;
      if (typeof key === 'string' && maxPerGroup !== null && before >= maxPerGroup) continue;
      const own = valueOf(items, index);
      // A loss is not made smaller by being one of many.
      const value = own > 0 ? own * repeatFactor ** before : own;
      if (!best || value > best.value || (value === best.value && index < best.index))
        best = { key, index, value };
    }
    if (!best) break;
    chosen.push(best.index);
    queues.get(best.key)?.shift();
    if (typeof best.key === 'string') counts.set(best.key, (counts.get(best.key) ?? 0) + 1);
  }
  return chosen;
}

function valueOf(items: readonly Ranked[], index: number): number {
  return items[index]?.value ?? -Infinity;
}
