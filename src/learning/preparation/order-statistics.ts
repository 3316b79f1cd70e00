const HALVES = 1 << 16;

/** How many values are not `NaN`. */
export function countNumbers(values: Float32Array): number {
  let count = 0;
  for (let at = 0; at < values.length; at++) if (!Number.isNaN(values[at])) count += 1;
  return count;
}

/**
 * What would stand at some places of the sorted values, `NaN` left out, without sorting them: counted are the upper
 * halves of their bits, and then the lower halves of those that a rank falls among.
 *
 * @param ranks from 0, each below the number of values that are not `NaN`
 * @returns the value at each rank, −0 before 0 as `sort` has them
 */
export function valuesAtRanks(values: Float32Array, ranks: readonly number[]): Map<number, number> {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  const uppers = new Uint32Array(HALVES);
  for (let at = 0; at < bits.length; at++) {
    if (Number.isNaN(values[at])) continue;
    const upper = orderedBits(bits[at] ?? 0) >>> 16;
    uppers[upper] = (uppers[upper] ?? 0) + 1;
  }
  const places = new Map(ranks.map((rank) => [rank, placeOf(uppers, rank)]));
  const lowers = new Map(Array.from(places.values(), ({ half }) => [half, new Uint32Array(HALVES)]));
  // Most values are of no half that counts: that is to be known from few bytes.
  const isCounted = new Uint8Array(HALVES);
  for (const half of lowers.keys()) isCounted[half] = 1;
  for (let at = 0; at < bits.length; at++) {
    const ordered = orderedBits(bits[at] ?? 0);
    if (isCounted[ordered >>> 16] === 0 || Number.isNaN(values[at])) continue;
    const counters = lowers.get(ordered >>> 16);
    if (counters) counters[ordered & 0xffff] = (counters[ordered & 0xffff] ?? 0) + 1;
  }
  const found = new Map<number, number>();
  for (const [rank, { half, before }] of places) {
    const lower = placeOf(lowers.get(half) ?? uppers, rank - before).half;
    found.set(rank, valueOf(half * HALVES + lower));
  }
  return found;
}

/** Where among the counted halves a rank falls, and how many values lie before that half. */
function placeOf(counts: Uint32Array, rank: number): { half: number; before: number } {
  let before = 0;
  for (let half = 0; half < HALVES; half++) {
    const count = counts[half] ?? 0;
    if (rank < before + count) return { half, before };
    before += count;
  }
  throw new RangeError(`rank ${rank} of ${before} values`);
}

/** The bits of a float32 as an unsigned number that grows with it. */
const orderedBits = (bits: number): number => (bits < 0 ? ~bits : bits ^ 0x80000000) >>> 0;

function valueOf(ordered: number): number {
  const bits = ordered >= 2 ** 31 ? ordered ^ 0x80000000 : ~ordered;
  return new Float32Array(Int32Array.of(bits).buffer)[0] ?? NaN;
}
