/**
 * A small seeded generator of uniform numbers in [0, 1): mulberry32, 32 bits of state.
 * For shuffling and initial weights, where speed and repeatability matter and unpredictability does not.
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The order in which an epoch visits the examples 0..count-1: a function of seed and epoch alone. */
export function epochOrder(count: number, seed: number, epoch: number): Int32Array {
  // Multiplying spreads neighbouring seeds and epochs, so that (1, 2) and (2, 1) do not share an order.
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(epoch, 0x85ebca6b));
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const swapped = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = swapped;
  }
  return order;
}
