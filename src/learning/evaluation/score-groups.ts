/**
 * Examples grouped by equal score, highest score first, with running counts: the one sort that every ranking
 * metric, curve and threshold choice is read from. Ties are a group, so no metric depends on their order.
 */
export interface ScoreGroups {
  readonly positives: number;
  readonly negatives: number;
  /** Distinct scores, descending: [G]. */
  readonly scores: Float32Array;
  /** Positives with a score ≥ `scores[g]`: [G]. */
  readonly truePositives: Float64Array;
  /** Negatives with a score ≥ `scores[g]`: [G]. */
  readonly falsePositives: Float64Array;
}

/**
 * Groups examples by score in O(n log n).
 *
 * @param labels_N 0 or 1.
 * @param scores_N finite; probabilities or logits.
 * @throws RangeError when lengths differ, a label is neither 0 nor 1, or a score is not finite.
 */
export function groupByScore(labels_N: Float32Array, scores_N: Float32Array): ScoreGroups {
  const keys = sortedKeys(labels_N, scores_N);
  const scores: number[] = [];
  const truePositives: number[] = [];
  const falsePositives: number[] = [];
  let tp = 0;
  let fp = 0;
  for (let i = keys.length - 1; i >= 0; i--) {
    const key = keys[i] ?? 0;
    const score = scoreOfKey(key);
    if (key % 2 === 1) tp++;
    else fp++;
    const last = scores.length - 1;
    const group = scores[last] === score ? last : last + 1;
    scores[group] = score;
    truePositives[group] = tp;
    falsePositives[group] = fp;
  }
  return {
    positives: tp,
    negatives: fp,
    scores: Float32Array.from(scores),
    truePositives: Float64Array.from(truePositives),
    falsePositives: Float64Array.from(falsePositives),
  };
}

/** One distinct score: running counts down to it, and the counts of its own examples. */
export interface ScoreGroup {
  readonly score: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly positives: number;
  readonly negatives: number;
}

/** Visits distinct scores from the highest to the lowest. */
export function forEachGroup(groups: ScoreGroups, visit: (group: ScoreGroup, index: number) => void): void {
  let tpBefore = 0;
  let fpBefore = 0;
  groups.scores.forEach((score, index) => {
    const truePositives = groups.truePositives[index] ?? 0;
    const falsePositives = groups.falsePositives[index] ?? 0;
    visit(
      {
        score,
        truePositives,
        falsePositives,
        positives: truePositives - tpBefore,
        negatives: falsePositives - fpBefore,
      },
      index,
    );
    tpBefore = truePositives;
    fpBefore = falsePositives;
  });
}

const word = new DataView(new ArrayBuffer(4));

/**
 * One number per example that sorts as its score does and carries its label in the lowest bit, ascending:
 * a typed array sorts natively, without a comparator.
 */
function sortedKeys(labels_N: Float32Array, scores_N: Float32Array): Float64Array {
  if (labels_N.length !== scores_N.length)
    throw new RangeError(`${labels_N.length} labels for ${scores_N.length} scores`);
  const keys = new Float64Array(scores_N.length);
  for (let i = 0; i < keys.length; i++) {
    const score = scores_N[i] ?? Number.NaN;
    const label = labels_N[i];
    if (!Number.isFinite(score)) throw new RangeError(`the score of example ${i} is not finite`);
    if (label !== 0 && label !== 1) throw new RangeError(`the label of example ${i} is neither 0 nor 1`);
    // Adding 0 turns -0 into 0, so that the two are one group.
    word.setFloat32(0, score + 0);
    const bits = word.getUint32(0);
    const ordered = bits >= 0x80000000 ? 0xffffffff - bits : bits + 0x80000000;
    keys[i] = ordered * 2 + label;
  }
  return keys.sort();
}

function scoreOfKey(key: number): number {
  const ordered = Math.floor(key / 2);
  word.setUint32(0, ordered >= 0x80000000 ? ordered - 0x80000000 : 0xffffffff - ordered);
  return word.getFloat32(0);
}
