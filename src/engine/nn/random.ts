/**
 * Random numbers from a key: the same key gives the same stream, on every machine. What a step draws is keyed
 * by the step, so a resumed run draws what an unbroken one would have.
 *
 * xoshiro128** (Blackman and Vigna, 2018), its state filled by a mix of the key's numbers.
 */
export class Random {
  private readonly state: Uint32Array;

  /** @param key integers, e.g. seed, step, and which use of randomness it is. */
  constructor(...key: readonly number[]) {
    let hash = 0x9e3779b9;
    // Both halves of each number count: seeds may be as large as doubles hold exactly.
    for (const part of key)
      for (const half of [part >>> 0, Math.floor(part / 2 ** 32) >>> 0]) hash = mix(hash ^ half);
    this.state = Uint32Array.from({ length: 4 }, () => (hash = mix(hash + 0x6d2b79f5)));
  }

  /** 0 … 2³²−1. */
  uint32(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.state;
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    const c2 = c ^ a;
    const d2 = d ^ b;
    this.state[1] = b ^ c2;
    this.state[0] = a ^ d2;
    this.state[2] = c2 ^ shifted;
    this.state[3] = rotate(d2, 11);
    return result;
  }

  /** In [0, 1), a multiple of 2⁻²⁴: exact in single precision. */
  uniform(): number {
    return (this.uint32() >>> 8) / 2 ** 24;
  }

  /** Mean 0, variance 1 (Box and Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A whole number in 0 … bound−1. */
  below(bound: number): number {
    return Math.floor((this.uint32() / 2 ** 32) * bound);
  }
}

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

/** Each input bit reaches each output bit (the finalizer of MurmurHash3). */
function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
