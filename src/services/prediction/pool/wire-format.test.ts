import fc from 'fast-check';
import { type ArtifactInputs } from './tensors';
import { BatchLayout, SEPARATOR, signatureOf } from './wire-format';

/** One static number, one static category, a sequence of two steps with a number and a category, its length. */
function inputsOf(rows: readonly { number: number; text: string }[]): ArtifactInputs {
  const count = rows.length;
  return {
    f_color: { type: 'string', dims: [count, 1], data: rows.map(({ text }) => text) },
    f_x: { type: 'float32', dims: [count, 1], data: Float32Array.from(rows, ({ number }) => number) },
    s_x: {
      type: 'float32',
      dims: [count, 2],
      data: Float32Array.from(rows.flatMap(({ number }) => [number + 1, NaN])),
    },
    s_kind: { type: 'string', dims: [count, 2], data: rows.flatMap(({ text }) => [`${text}!`, '']) },
    s_length: { type: 'int64', dims: [count], data: BigInt64Array.from(rows, () => 1n) },
  };
}

const row = fc.record({
  number: fc.float({ noNaN: false }),
  text: fc.string({ unit: 'binary' }).map((text) => text.replaceAll(SEPARATOR, '')),
});

describe('the wire format', () => {
  it('gives the rows of all requests back, in their order, whatever their values', () => {
    fc.assert(
      fc.property(fc.array(fc.array(row, { minLength: 1 }), { minLength: 1, maxLength: 5 }), (requests) => {
        const all = inputsOf(requests.flat());
        const { signature } = signatureOf(all);
        const layout = BatchLayout.of(signature);
        const feeds = layout.unpack(
          layout.pack(requests.map((rows) => layout.slice(inputsOf(rows), 0, rows.length))),
        );
        expect(Object.keys(feeds).sort()).toEqual(Object.keys(all).sort());
        for (const [name, { type, dims, data }] of Object.entries(all)) {
          const feed = feeds[name];
          expect(feed).toMatchObject({ dtype: type, shape: dims });
          expect([...(feed?.data ?? [])]).toEqual([...data]);
        }
      }),
    );
  });

  it('takes a part of a request', () => {
    const inputs = inputsOf(['a', 'b', 'c', 'd'].map((text, number) => ({ text, number })));
    const layout = BatchLayout.of(signatureOf(inputs).signature);
    const feeds = layout.unpack(layout.pack([layout.slice(inputs, 1, 2)]));
    expect([...(feeds.f_x?.data ?? [])]).toEqual([1, 2]);
    expect(feeds.s_kind?.data).toEqual(['b!', '', 'c!', '']);
  });

  it('tells forms of inputs apart by name, type and width, not by rows', () => {
    const x = (dims: number[]) => ({
      type: 'float32' as const,
      dims,
      data: new Float32Array(dims.reduce((a, b) => a * b, 1)),
    });
    const signature = (inputs: ArtifactInputs) => signatureOf(inputs).signature;
    expect(signature({ x: x([3, 1]) })).toBe(signature({ x: x([5, 1]) }));
    expect(signature({ x: x([3, 1]) })).not.toBe(signature({ x: x([3, 2]) }));
    expect(signature({ x: x([3, 1]) })).not.toBe(signature({ y: x([3, 1]) }));
    expect(signature({ x: x([3]) })).not.toBe(
      signature({ x: { type: 'int64', dims: [3], data: new BigInt64Array(3) } }),
    );
  });

  it('refuses tensors that disagree about the rows, or with their own dimensions', () => {
    const data = new Float32Array(2);
    expect(() =>
      signatureOf({
        x: { type: 'float32', dims: [2], data },
        y: { type: 'float32', dims: [1, 2], data },
      }),
    ).toThrow('input y holds 2 values in [1, 2]; the batch has 2 rows');
    expect(() => signatureOf({ x: { type: 'float32', dims: [3], data } })).toThrow(RangeError);
  });

  it('notices a text that breaks the count', () => {
    const inputs = inputsOf([{ text: `a${SEPARATOR}b`, number: 0 }]);
    const layout = BatchLayout.of(signatureOf(inputs).signature);
    expect(() => layout.unpack(layout.pack([layout.slice(inputs, 0, 1)]))).toThrow(RangeError);
  });
});
