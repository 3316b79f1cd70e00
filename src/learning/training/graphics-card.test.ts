import { parseCard } from './graphics-card';

it('reads the first card, and four fifths of its memory', () => {
  const text = 'NVIDIA H100 80GB HBM3, 81559\nNVIDIA T4, 15360\n';
  expect(parseCard(text)).toEqual({
    name: 'NVIDIA H100 80GB HBM3',
    memoryBytes: Math.floor(0.8 * 81559 * 2 ** 20),
  });
});

it.each(['', 'No devices were found\n', 'NVIDIA T4, [N/A]\n'])('finds none in %j', (text) => {
  expect(parseCard(text)).toBeNull();
});
