import { decodeTensorFile, encodeTensorFile } from './tensor-file';

const tensors = [
  { name: 'scalar', dims: [], data: Float32Array.of(-0) },
  { name: 'empty', dims: [0, 3], data: new Float32Array(0) },
  { name: 'matrix', dims: [2, 2], data: Float32Array.of(1.1, Number.NaN, Infinity, 1e-42) },
];

describe('tensor file', () => {
  it('gives back its header and every bit of its tensors, at any alignment', () => {
    for (const note of ['', 'a', 'ab', 'abc']) {
      const bytes = encodeTensorFile({ note }, tensors);
      const unaligned = new Uint8Array(bytes.length + 1);
      unaligned.set(bytes, 1);
      expect(decodeTensorFile(unaligned.subarray(1))).toEqual({ meta: { note }, tensors });
    }
  });

  it('answers null for anything cut, damaged or foreign', () => {
    const bytes = encodeTensorFile({}, tensors);
    const flipped = Uint8Array.from(bytes);
    flipped[30]! ^= 1;
    for (const bad of [bytes.subarray(0, -1), flipped, new Uint8Array(0), new Uint8Array(100)])
      expect(decodeTensorFile(bad)).toBeNull();
  });
});
