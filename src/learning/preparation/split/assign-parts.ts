import { type SplitSpec } from '../../features/split-spec';
import { cutAtShares, cutBetweenKeys } from './cut-rows';
import { contentKeys, entityKeys, hashAgain, type SplittableExamples } from './random-keys';

export const TRAIN = 0;
export const VALIDATION = 1;
export const TEST = 2;
/** Left out: the label looks too near to a later part. */
export const EMBARGOED = 3;
/** Left out: of no part. */
export const UNASSIGNED = 4;

const DEFAULT_SHARE = 0.15;

/** The part of each example; null where there are too few different keys. */
export type Parts = Uint8Array | null;

/** A way to put examples in order, and to cut it. */
interface Order {
  readonly keys: Float64Array;
  readonly cut: (rows: Int32Array, keys: Float64Array, shares: readonly number[]) => Uint8Array | null;
}

export function partsByTime(at: Float64Array, split: SplitSpec): Parts {
  const order: Order = { keys: at, cut: (_rows, keys, shares) => cutBetweenKeys(keys, shares) };
  const { folds, fold = 0, window } = split;
  if (folds == null) return threeParts(order, split);
  // One block more than folds, so that there is something before the first.
  const blocks = cutBetweenKeys(at, evenShares(folds + 1));
  if (!blocks) return null;
  const parts = blocks.map((block) => {
    if (block === fold + 1) return TEST;
    return block === fold || (block < fold && window !== 'rolling') ? TRAIN : UNASSIGNED;
  });
  return withValidation(order, parts, split);
}

export function partsByEntity(entities: Int32Array, split: SplitSpec, seed: number): Parts {
  const keys = entityKeys(entities, seed);
  return randomParts({ keys, cut: (_rows, own, shares) => cutBetweenKeys(own, shares) }, split, seed);
}

/** Each class is cut by itself. */
export async function partsByContent(
  examples: SplittableExamples,
  split: SplitSpec,
  seed: number,
): Promise<Parts> {
  const { labels } = examples;
  const cut: Order['cut'] = (rows, keys, shares) => {
    const bins = new Uint8Array(rows.length);
    for (const label of [0, 1]) {
      const own = rows.map((_, index) => index).filter((index) => labels[rows[index] ?? 0] === label);
      const ofClass = cutAtShares(
        new Float64Array(own).map((index) => keys[index] ?? NaN),
        shares,
      );
      for (let next = 0; next < own.length; next++) bins[own[next] ?? 0] = ofClass[next] ?? 0;
    }
    return bins;
  };
  return randomParts({ keys: await contentKeys(examples, seed), cut }, split, seed);
}

function randomParts(order: Order, split: SplitSpec, seed: number): Parts {
  const { folds, fold = 0 } = split;
  if (folds == null) return threeParts(order, split);
  const bins = order.cut(everyRow(order), order.keys, evenShares(folds));
  if (!bins) return null;
  const parts = bins.map((bin) => (bin === fold ? TEST : TRAIN));
  // In the folds' own order, validation would be one whole fold or a part of it, whichever fold is the test.
  return withValidation({ ...order, keys: hashAgain(order.keys, seed + fold) }, parts, split);
}

function threeParts(order: Order, { shares }: SplitSpec): Parts {
  const test = shares?.test ?? DEFAULT_SHARE;
  const validation = shares?.validation ?? DEFAULT_SHARE;
  return order.cut(everyRow(order), order.keys, [1 - test - validation, 1 - test]);
}

/** Makes the last of the training examples, in the order's sense, those of the validation. */
function withValidation(order: Order, parts: Uint8Array, { shares }: SplitSpec): Parts {
  const rows = everyRow(order).filter((row) => parts[row] === TRAIN);
  const keys = Float64Array.from(rows, (row) => order.keys[row] ?? NaN);
  const bins = order.cut(rows, keys, [1 - (shares?.validation ?? DEFAULT_SHARE)]);
  if (!bins) return null;
  rows.forEach((row, index) => {
    if (bins[index] === 1) parts[row] = VALIDATION;
  });
  return parts;
}

const everyRow = ({ keys }: Order): Int32Array => new Int32Array(keys.length).map((_, row) => row);

const evenShares = (bins: number): number[] => Array.from({ length: bins - 1 }, (_, cut) => (cut + 1) / bins);
