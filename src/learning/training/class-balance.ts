import { type ModelConfig } from '../architectures/model-config';
import { ascending, epochRandom, shuffle } from './random';

/** How many examples of each class there are. */
export interface ClassCounts {
  readonly negatives: number;
  readonly positives: number;
}

/** What an epoch is made of. */
export interface EpochSize {
  /** Visits to examples, of which the rarer class may get several each. */
  readonly visits: number;
  /** ln of how many times the epoch's odds of a positive are the data's. */
  readonly logitShift: number;
  /** The rarer class and the visits that it gets, where its examples are visited more than once. */
  readonly oversampled: { readonly label: 0 | 1; readonly visits: number } | null;
}

export function countClasses(labels_N: Float32Array): ClassCounts {
  const positives = labels_N.reduce((count, label) => count + (label === 1 ? 1 : 0), 0);
  return { negatives: labels_N.length - positives, positives };
}

/**
 * An epoch's size under a balance. Every example is visited once, and those of the rarer class again until they have
 * the wanted share: that multiplies the odds by visits/count exactly. A class that has its share already, or no
 * examples, is left as it is.
 */
export function epochSize({ negatives, positives }: ClassCounts, balance: ModelConfig['balance']): EpochSize {
  const unchanged = { visits: negatives + positives, logitShift: 0, oversampled: null };
  if (balance.kind === 'none') return unchanged;
  const label = positives < negatives ? 1 : 0;
  const [rare, common] = label === 1 ? [positives, negatives] : [negatives, positives];
  const visits = Math.round((common * balance.share) / (1 - balance.share));
  if (rare === 0 || visits <= rare) return unchanged;
  const shift = Math.log(visits / rare);
  return {
    visits: common + visits,
    logitShift: label === 1 ? shift : -shift,
    oversampled: { label, visits },
  };
}

/**
 * The examples that an epoch visits, in the order of their visits: a function of its arguments alone.
 *
 * The rarer class goes round: no example of it is visited twice more than another, and who is visited once more is
 * drawn anew in every epoch.
 */
export function epochExamples(
  labels_N: Float32Array,
  { visits, oversampled }: EpochSize,
  { seed, epoch }: { seed: number; epoch: number },
): Int32Array {
  const visited = new Int32Array(visits);
  const all = ascending(labels_N.length);
  visited.set(all);
  if (oversampled) {
    const rare = all.filter((index) => labels_N[index] === oversampled.label);
    shuffle(rare, epochRandom(seed, epoch, 'oversampling'));
    for (let again = 0; again < oversampled.visits - rare.length; again++)
      visited[labels_N.length + again] = rare[again % rare.length] ?? 0;
  }
  return shuffle(visited, epochRandom(seed, epoch, 'order'));
}
