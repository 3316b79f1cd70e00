import { type ArtifactTensor } from '../export/artifact-inputs';

/**
 * Name of the explainer's input, beside the artifact's, for where in each of the equal steps of the path the gradient is
 * taken: [N], in (0, 1). In the middle, 0.5, it is the midpoint rule.
 */
export const OFFSET_INPUT = 'offset';
export const MIDDLE = 0.5;

/** How often the steps may be cut into three. */
export const MAX_REFINEMENTS = 2;

/** One offset for each row. */
export function offsetInput(offsets: readonly number[]): Readonly<Record<string, ArtifactTensor>> {
  const data = Float32Array.from(offsets);
  return { [OFFSET_INPUT]: { type: 'float32', dims: [data.length], data } };
}

/**
 * What makes of the midpoint rule with so many steps the one with three times as many, given that with fewer: the rule of
 * 3ⁿ times the steps is the mean of the rules that are shifted to the middles of each step's 3ⁿ parts, and those of n − 1
 * are among them.
 *
 * @param refinement n, 1 or more
 * @returns the offsets that come anew, 2 · 3ⁿ⁻¹
 */
export function refiningOffsets(refinement: number): number[] {
  const parts = 3 ** refinement;
  return Array.from({ length: parts }, (_, part) => part)
    .filter((part) => part % 3 !== 1)
    .map((part) => (part + MIDDLE) / parts);
}
