import { createHash, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import {
  BrokenFramesError,
  contentBytes,
  HEADER_BYTES,
  headerOf,
  type ObjectKey,
  type ObjectPlace,
  openFrames,
  sealedBytes,
  sealFrames,
} from './object-frames';

const FRAME = 256 * 1024;
const SEALED_FRAME = FRAME + 16;
const key: ObjectKey = { id: randomUUID(), bytes: Buffer.alloc(32, 7) };
const place: ObjectPlace = { tenantId: randomUUID(), name: 'content abc' };

/** Bytes that are another in each place. */
function contentOf(size: number, seed: number): Buffer {
  const block = createHash('sha256').update(String(seed)).digest();
  const bytes = Buffer.alloc(size, block);
  for (let at = 0; at < size; at += 4096) bytes.writeUInt8((at / 4096) & 255, at);
  return bytes;
}

async function all(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}

/** The same bytes, cut where it is said; cuts are shares of the whole. */
function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = cuts.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b);
  return [...places, bytes.length].map((end, index) => bytes.subarray(places[index - 1] ?? 0, end));
}

const sealed = (content: readonly Uint8Array[], at = place, by = key): Promise<Buffer> =>
  all(sealFrames(content, by, { tenantId: at.tenantId, name: () => at.name }));

async function opened(
  stored: Uint8Array,
  at = place,
  by = key,
  cuts: readonly number[] = [],
): Promise<Buffer> {
  const header = headerOf(stored.subarray(0, HEADER_BYTES));
  if (!header) throw new BrokenFramesError('it is in the clear');
  return all(openFrames(cut(stored.subarray(HEADER_BYTES), cuts), { key: by, header, place: at }));
}

/** Sizes at and beside the edges of frames, and others. */
const sizes = fc.oneof(
  fc.integer({ min: 0, max: 200 }),
  fc.integer({ min: 0, max: 3 * FRAME + 100 }),
  fc
    .tuple(fc.constantFrom(1, 2, 3), fc.constantFrom(-1, 0, 1))
    .map(([frames, beside]) => frames * FRAME + beside),
);
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });
const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

describe('the frames of a sealed object', () => {
  it('open to what was sealed, however it comes in pieces, and are as long as is said', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), cuts, cuts, async (size, seed, before, after) => {
        const content = contentOf(size, seed);
        const stored = await sealed(cut(content, before));
        expect(stored.length).toBe(sealedBytes(size));
        expect(contentBytes(stored.length)).toBe(size);
        expect((await opened(stored, place, key, after)).equals(content)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('do not open with any bit changed', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, share, fc.integer({ min: 0, max: 7 }), async (size, at, bit) => {
        const stored = await sealed([contentOf(size, 1)]);
        const changed = Math.floor(at * stored.length);
        stored.writeUInt8(stored.readUInt8(changed) ^ (1 << bit), changed);
        await expect(opened(stored)).rejects.toThrow(BrokenFramesError);
      }),
      { numRuns: 60 },
    );
  });

  it('do not open cut anywhere, also between two frames, nor with anything behind them', async () => {
    const boundary = fc
      .constantFrom(0, 1, 2)
      .map((frames) => HEADER_BYTES + frames * SEALED_FRAME)
      .chain((at) => fc.constantFrom(at, at + 1, at + 16));
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.oneof(
          share.map((of) => (length: number) => Math.floor(of * length)),
          boundary.map((at) => (length: number) => Math.min(at, length - 1)),
        ),
        async (size, endOf) => {
          const stored = await sealed([contentOf(size, 2)]);
          await expect(opened(stored.subarray(0, endOf(stored.length)))).rejects.toThrow(BrokenFramesError);
        },
      ),
      { numRuns: 60 },
    );
    const stored = await sealed([contentOf(FRAME, 3)]);
    for (const more of [1, 16, SEALED_FRAME])
      await expect(opened(Buffer.concat([stored, Buffer.alloc(more)]))).rejects.toThrow(BrokenFramesError);
  });

  it('do not open in another order, twice, left out, or among those of another object', async () => {
    const [one, other] = await Promise.all([4, 5].map((seed) => sealed([contentOf(4 * FRAME, seed)])));
    const framesOf = (stored: Buffer): Buffer[] =>
      [0, 1, 2, 3].map((at) =>
        stored.subarray(HEADER_BYTES + at * SEALED_FRAME, HEADER_BYTES + (at + 1) * SEALED_FRAME),
      );
    const frames = [...framesOf(one!), ...framesOf(other!)];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(7), { minLength: 1, maxLength: 5 }), async (order) => {
        fc.pre(order.join() !== '0,1,2,3');
        const forged = [one!.subarray(0, HEADER_BYTES), ...order.map((at) => frames[at]!)];
        await expect(opened(Buffer.concat(forged))).rejects.toThrow(BrokenFramesError);
      }),
      { numRuns: 60 },
    );
    await expect(
      opened(Buffer.concat([one!.subarray(0, HEADER_BYTES), ...[0, 1, 2, 3].map((at) => frames[at]!)])),
    ).resolves.toHaveLength(4 * FRAME);
  });

  it.each([0, 5, FRAME, 2 * FRAME + 3])(
    'of %i bytes open as no other object, of no other tenant, and with no other key',
    async (size) => {
      const stored = await sealed([contentOf(size, 6)]);
      const elsewhere = [
        opened(stored, { ...place, name: 'content abd' }),
        opened(stored, { ...place, name: '' }),
        opened(stored, { ...place, tenantId: randomUUID() }),
        opened(stored, place, { ...key, bytes: Buffer.alloc(32, 8) }),
        opened(stored, place, { ...key, id: randomUUID() }),
      ];
      for (const attempt of elsewhere) await expect(attempt).rejects.toThrow(BrokenFramesError);
    },
  );

  it('are others each time, and show nothing of the content', async () => {
    const content = Buffer.alloc(FRAME + 10, 'planted value,');
    const [one, other] = await Promise.all([sealed([content]), sealed([content])]);
    expect(one.subarray(HEADER_BYTES).equals(other.subarray(HEADER_BYTES))).toBe(false);
    for (const stored of [one, other]) expect(stored.includes('planted')).toBe(false);
  });

  it('have a name that is asked for once, after all content; what it throws is thrown', async () => {
    const order: string[] = [];
    const content = function* (): Generator<Uint8Array> {
      for (const part of ['a', 'b']) {
        order.push(part);
        yield Buffer.from(part);
      }
    };
    const name = (): string => {
      order.push('name');
      return place.name;
    };
    await all(sealFrames(content(), key, { ...place, name }));
    expect(order).toEqual(['a', 'b', 'name']);
    const refuse = (): string => {
      throw new Error('another digest');
    };
    await expect(all(sealFrames(content(), key, { ...place, name: refuse }))).rejects.toThrow(
      'another digest',
    );
  });

  it('are told from what was stored in the clear', () => {
    for (const text of ['', 'id,label\n1,0\n', 'PAR1', '\u0089PROPNS\u0001'])
      expect(headerOf(Buffer.from(text))).toBeNull();
  });
});
