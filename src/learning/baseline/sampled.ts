import { type ExampleSource } from '../features/encoded-examples';
import { seededRandom } from '../training/random';

/** A source of so many of another's examples at most, drawn by the seed, in its order. */
export function sampled(source: ExampleSource, most: number, seed: number): ExampleSource {
  if (source.count <= most) return source;
  const chosen = chooseAscending(source.count, most, seed);
  return {
    count: most,
    shape: source.shape,
    read: (indices) => source.read(indices.map((index) => chosen[index] ?? 0)),
  };
}

/** Each with the same chance, by selection sampling (Knuth, TAOCP 3.4.2, algorithm S): [most]. */
function chooseAscending(count: number, most: number, seed: number): Int32Array {
  const random = seededRandom(seed);
  const chosen = new Int32Array(most);
  let taken = 0;
  for (let index = 0; index < count && taken < most; index++)
    if (random() * (count - index) < most - taken) chosen[taken++] = index;
  return chosen;
}
