import fc from 'fast-check';
import { tokenize } from './tokenize';

const words = (text: string) => tokenize(text, 100);

describe('tokenize', () => {
  it.each<[string, string, string[]]>([
    ['words and numbers', 'Red-Wine Glasses (6x), 0.35l', ['red', 'wine', 'glasses', '6x', '0', '35l']],
    ['nothing', ' \t–…!', []],
    ['composed and decomposed letters alike', 'Café Cafe\u0301', ['café', 'café']],
    ['compatibility forms', 'ﬁne ｗｉｄｅ ①', ['fine', 'wide', '1']],
    ['the Turkish i, in no language', 'İSTANBUL ISPARTA ılık', ['istanbul', 'isparta', 'ılık']],
    ['final sigma as any other', 'ΟΔΟΣ οδός', ['οδοσ', 'οδόσ']],
    ['marks that make a syllable', 'हिन्दी नमस्ते', ['हिन्दी', 'नमस्ते']],
    ['scripts without blanks, by character', '東京タワー とは', ['東', '京', 'タワー', 'と', 'は']],
    ['Hangul words', '한국어 배우기', ['한국어', '배우기']],
    ['Thai characters with their marks', 'ที่นี่', ['ที่', 'นี่']],
    ['emoji, one by one', 'Sale🔥🔥 now👍🏽', ['sale', '🔥', '🔥', 'now', '👍']],
    ['joined emoji apart', '👩‍👩‍👧', ['👩', '👩', '👧']],
    ['flags', '🇫🇷🇩🇪', ['🇫🇷', '🇩🇪']],
    ['emoji with and without a variation selector', '❤️ ❤', ['❤', '❤']],
    ['soft hyphens and zero-width characters', 'ex\u00adam\u200bple می\u200cخواهم', ['example', 'میخواهم']],
    ['halves of surrogate pairs as separators', 'a\ud800b', ['a', 'b']],
  ])('reads %s', (_, text, tokens) => {
    expect(words(text)).toEqual(tokens);
  });

  it('keeps the first tokens, and the first 64 characters of each', () => {
    expect(tokenize('a b c', 2)).toEqual(['a', 'b']);
    expect(words(`${'𝒳'.repeat(65)} ${'字'.repeat(2)}`)[0]).toBe('x'.repeat(64));
    expect(words('𐐨'.repeat(65))).toEqual(['𐐨'.repeat(64)]);
  });

  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.string({
      unit: fc.constantFrom(
        'i',
        'İ',
        '\u0307',
        'ß',
        'Σ',
        '字',
        'ก',
        '่',
        '\u200d',
        '❤',
        '\ufe0f',
        ' ',
        '1',
        '🇫',
      ),
    }),
  );

  it('gives tokens that are their own tokens, and never an empty one', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const tokens = words(text);
        expect(tokens).not.toContain('');
        expect(words(tokens.join(' '))).toEqual(tokens);
      }),
      { numRuns: 2000 },
    );
  });

  it('does not tell apart what Unicode says is the same', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD'] as const)
          expect(words(text.normalize(form))).toEqual(words(text));
      }),
      { numRuns: 1000 },
    );
  });
});
