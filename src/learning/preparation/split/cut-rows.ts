/**
 * The bins of some rows in the order of their keys, rows with one key together: cut where the key changes, as near to
 * the shares as possible with no bin empty. Null when there are fewer keys than bins.
 * @param shares of the rows, cumulative and ascending: n of them make n + 1 bins
 */
export function cutBetweenKeys(keys: Float64Array, shares: readonly number[]): Uint8Array | null {
  const sorted = keys.slice().sort();
  const changes = sorted.map((_, index) => index).filter((index) => sorted[index] !== sorted[index - 1]);
  // The first change is where the first key begins, which is no cut.
  if (changes.length <= shares.length) return null;
  const thresholds: number[] = [];
  let from = 1;
  shares.forEach((share, cut) => {
    const until = changes.length - (shares.length - 1 - cut);
    const chosen = nearest(changes, Math.round(keys.length * share), { from, until });
    thresholds.push(sorted[changes[chosen] ?? 0] ?? Infinity);
    from = chosen + 1;
  });
  return binsOf(keys, thresholds);
}

/** As {@link cutBetweenKeys}, but at the shares themselves: for keys that are as good as all different. */
export function cutAtShares(keys: Float64Array, shares: readonly number[]): Uint8Array {
  const sorted = keys.slice().sort();
  return binsOf(
    keys,
    shares.map((share) => sorted[Math.round(keys.length * share)] ?? Infinity),
  );
}

/** The index, within a range of ascending values, of the one nearest to the target; the lower of two. */
function nearest(
  values: Float64Array,
  target: number,
  { from, until }: { from: number; until: number },
): number {
  let [low, high] = [from, until];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? 0) < target) low = middle + 1;
    else high = middle;
  }
  if (low === until) return until - 1;
  const below = low - 1;
  return below >= from && target - (values[below] ?? 0) <= (values[low] ?? 0) - target ? below : low;
}

/** How many thresholds are not above each key. */
function binsOf(keys: Float64Array, thresholds: readonly number[]): Uint8Array {
  const bins = new Uint8Array(keys.length);
  for (let row = 0; row < keys.length; row++) {
    const key = keys[row] ?? NaN;
    let low = 0;
    let high = thresholds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((thresholds[middle] ?? Infinity) <= key) low = middle + 1;
      else high = middle;
    }
    bins[row] = low;
  }
  return bins;
}
