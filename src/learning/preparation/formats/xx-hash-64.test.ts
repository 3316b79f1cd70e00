import { XxHash64 } from './xx-hash-64';

describe('XxHash64', () => {
  const hash = (...parts: string[]): string =>
    parts
      .reduce((state, part) => state.update(Buffer.from(part)), new XxHash64())
      .digest()
      .toString(16);

  it.each([
    ['', 'ef46db3751d8e999'],
    ['a', 'd24ec4f1a98c6e5b'],
    ['abc', '44bc2cf5ad770999'],
    ['Nobody inspects the spammish repetition', 'fbcea83c8a378bf1'],
  ])('of %j is the published value', (text, expected) => {
    expect(hash(text)).toBe(expected);
  });

  it('is the same however the content comes', () => {
    const text = 'some content of more than one stripe, '.repeat(9);
    for (const at of [0, 1, 31, 32, 33, 100])
      expect(hash(text.slice(0, at), '', text.slice(at))).toBe(hash(text));
  });
});
