import { type FeatureMap } from '../../src/learning/features/feature-map';
import { type RawExamples } from '../../src/learning/features/raw-examples';
import { compoundMap } from './compound-map';
import { plainMap } from './plain-map';

/** Features of every kind, of examples and of events. */
export const everyKind: FeatureMap = {
  ...plainMap,
  compound: compoundMap.compound ?? [],
  sequence: plainMap.sequence && { ...plainMap.sequence, compound: compoundMap.sequence?.compound ?? [] },
};

/** The same features in another order, their vocabularies too, with words more in front of the known ones. */
export function rearranged(map: FeatureMap, words: readonly string[] = []): FeatureMap {
  const columns = <M extends Pick<FeatureMap, 'categorical' | 'compound'>>(part: M): M => ({
    ...part,
    categorical: part.categorical.map(otherWords).reverse(),
    compound: (part.compound ?? [])
      .map((encoder) => ('vocabulary' in encoder ? otherWords(encoder) : encoder))
      .reverse(),
  });
  const otherWords = <E extends { readonly vocabulary: string[] }>(encoder: E): E => ({
    ...encoder,
    vocabulary: [...words, ...[...encoder.vocabulary].reverse()],
  });
  const { sequence } = map;
  return {
    ...columns(map),
    numeric: [...map.numeric].reverse(),
    ...(sequence && { sequence: { ...columns(sequence), numeric: [...sequence.numeric].reverse() } }),
  };
}

/** Random examples with known, unknown and missing values. */
export function randomExamples(map: FeatureMap, count: number, random: () => number): RawExamples {
  const maxLength = map.sequence?.maxLength ?? 0;
  const number = (): number => (random() < 0.2 ? NaN : random() * 6 - 1);
  const word = (vocabulary: readonly string[]): string =>
    ['', 'never seen', ...vocabulary][Math.floor(random() * (vocabulary.length + 2))] ?? '';
  const valuesOf = (
    part: Pick<FeatureMap, 'categorical' | 'compound'> & { numeric: readonly { name: string }[] },
    rows: number,
  ) => {
    const numeric: Record<string, Float32Array> = {};
    const categorical: Record<string, string[]> = {};
    for (const { name } of part.numeric) numeric[name] = Float32Array.from({ length: rows }, number);
    for (const { name, vocabulary } of part.categorical)
      categorical[name] = Array.from({ length: rows }, () => word(vocabulary));
    for (const encoder of part.compound ?? [])
      if ('vocabulary' in encoder)
        categorical[encoder.name] = Array.from({ length: rows * encoder.size }, () =>
          word(encoder.vocabulary),
        );
      else {
        const width = encoder.type === 'vector' ? encoder.scales.length : 1 + encoder.periods.length;
        numeric[encoder.name] = Float32Array.from({ length: rows * width }, () => random() * 6);
      }
    return { numeric, categorical };
  };
  const sequence = map.sequence && {
    maxLength,
    lengths: Int32Array.from({ length: count }, () => Math.floor(random() * (maxLength + 1))),
    ...valuesOf(map.sequence, count * maxLength),
  };
  return { count, ...valuesOf(map, count), ...(sequence && { sequence }) };
}
