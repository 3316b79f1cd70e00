const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;
const [P1_LOW, P1_HIGH] = halves(PRIME_1);
const [P2_LOW, P2_HIGH] = halves(PRIME_2);
const STRIPE_BYTES = 32;

/**
 * XXH64 with seed 0, the checksum of zstd frames.
 *
 * Stripes are hashed in halves of 32 bits, since BigInt would be ten times slower; the rest, once per content, is not.
 * Source: https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md, version 0.2.0.
 */
export class XxHash64 {
  /** Four accumulators, each as its low and its high half. */
  private readonly lanes = Int32Array.from([PRIME_1 + PRIME_2, PRIME_2, 0n, -PRIME_1].flatMap(halves));
  private held: Buffer = Buffer.alloc(0);
  private total = 0;

  update(bytes: Buffer): this {
    this.total += bytes.length;
    const input = this.held.length === 0 ? bytes : Buffer.concat([this.held, bytes]);
    const whole = input.length - (input.length % STRIPE_BYTES);
    for (let at = 0; at < whole; at += STRIPE_BYTES) this.addStripe(input, at);
    // A copy: the caller may use its buffer again.
    this.held = Buffer.from(input.subarray(whole));
    return this;
  }

  /** Of everything until now, 64 bits. */
  digest(): bigint {
    let hash = this.total < STRIPE_BYTES ? PRIME_5 : this.merged();
    hash = wrap(hash + BigInt(this.total));
    const { held } = this;
    let at = 0;
    for (; at + 8 <= held.length; at += 8)
      hash = wrap(rotate(hash ^ round(0n, held.readBigUInt64LE(at)), 27n) * PRIME_1 + PRIME_4);
    if (at + 4 <= held.length) {
      hash = wrap(rotate(hash ^ wrap(BigInt(held.readUInt32LE(at)) * PRIME_1), 23n) * PRIME_2 + PRIME_3);
      at += 4;
    }
    for (const byte of held.subarray(at))
      hash = wrap(rotate(hash ^ wrap(BigInt(byte) * PRIME_5), 11n) * PRIME_1);
    hash = wrap((hash ^ (hash >> 33n)) * PRIME_2);
    hash = wrap((hash ^ (hash >> 29n)) * PRIME_3);
    return hash ^ (hash >> 32n);
  }

  /** The lower 32 bits of the digest, as zstd keeps them. */
  digestLow(): number {
    return Number(BigInt.asUintN(32, this.digest()));
  }

  private merged(): bigint {
    const { lanes } = this;
    const values = [0, 2, 4, 6].map(
      (at) => (BigInt((lanes[at + 1] ?? 0) >>> 0) << 32n) | BigInt((lanes[at] ?? 0) >>> 0),
    );
    const turns = [1n, 7n, 12n, 18n];
    const sum = values.reduce((hash, value, i) => hash + rotate(value, turns[i] ?? 0n), 0n);
    return values.reduce((hash, value) => wrap((hash ^ round(0n, value)) * PRIME_1 + PRIME_4), wrap(sum));
  }

  /** Per lane: lane = rotate(lane + input · PRIME_2, 31) · PRIME_1, modulo 2^64. */
  private addStripe(input: Buffer, start: number): void {
    const { lanes } = this;
    for (let lane = 0; lane < 8; lane += 2) {
      const low = input.readInt32LE(start + lane * 4);
      const high = input.readInt32LE(start + lane * 4 + 4);
      const productLow = Math.imul(low, P2_LOW);
      const productHigh = highProduct(low, P2_LOW) + Math.imul(low, P2_HIGH) + Math.imul(high, P2_LOW);
      const sum = ((lanes[lane] ?? 0) >>> 0) + (productLow >>> 0);
      const sumLow = sum | 0;
      const sumHigh = ((lanes[lane + 1] ?? 0) + productHigh + (sum > 0xffffffff ? 1 : 0)) | 0;
      const turnedLow = (sumLow << 31) | (sumHigh >>> 1);
      const turnedHigh = (sumHigh << 31) | (sumLow >>> 1);
      lanes[lane] = Math.imul(turnedLow, P1_LOW);
      lanes[lane + 1] =
        highProduct(turnedLow, P1_LOW) + Math.imul(turnedLow, P1_HIGH) + Math.imul(turnedHigh, P1_LOW);
    }
  }
}

/** The upper 32 bits of the product of two unsigned 32-bit numbers. */
function highProduct(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const crossed = aLow * bHigh;
  const other = aHigh * bLow;
  const middle = ((aLow * bLow) >>> 16) + (crossed & 0xffff) + (other & 0xffff);
  return (aHigh * bHigh + (crossed >>> 16) + (other >>> 16) + (middle >>> 16)) | 0;
}

function halves(value: bigint): [number, number] {
  return [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))];
}

function round(lane: bigint, input: bigint): bigint {
  return wrap(rotate(wrap(lane + input * PRIME_2), 31n) * PRIME_1);
}

function rotate(value: bigint, bits: bigint): bigint {
  return wrap(value << bits) | (value >> (64n - bits));
}

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
