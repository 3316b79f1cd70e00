// Looked up once: what is drawn from it is drawn by the million.
const { imul } = Math;

/**
 * A small seeded generator of uniform numbers in [0, 1): mulberry32, 32 bits of state.
 * For shuffling and initial weights, where speed and repeatability matter and unpredictability does not.
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What an epoch draws, each from a stream of its own. */
const STREAMS = { order: 0, oversampling: 0xc2b2ae35, batches: 0x27d4eb2f } as const;

/** Uniform numbers that are a function of seed, epoch and stream alone. */
export function epochRandom(seed: number, epoch: number, stream: keyof typeof STREAMS): () => number {
  // Multiplying spreads neighbouring seeds and epochs, so that (1, 2) and (2, 1) do not share an order.
  return seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(epoch, 0x85ebca6b) ^ STREAMS[stream]);
}

/** Brings a list into random order, in place (Fisher and Yates), and returns it. */
export function shuffle(list: Int32Array, random: () => number): Int32Array {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const swapped = list[i] ?? 0;
    list[i] = list[j] ?? 0;
    list[j] = swapped;
  }
  return list;
}

/** 0, 1, 2 … count−1. */
export function ascending(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, index) => index);
}
