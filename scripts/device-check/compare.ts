import { type Tensor, toNumbers } from '../../src/engine/onnx';
import { type Computed } from './device-case';

/** The result that came closest to its tolerance, or exceeded it most. */
export interface Worst {
  readonly output: string;
  readonly error: number;
  readonly tolerance: number;
}

/** Compares everything that was computed. @throws Error when the two did not compute the same things. */
export function compare(actual: Computed, expected: Computed): Worst {
  let worst: Worst | null = null;
  for (const [output, { tensor, tolerance }] of Object.entries(expected)) {
    const other = actual[output]?.tensor;
    if (!other) throw new Error(`there is no ${output}`);
    const found = { output, error: relativeError(other, tensor), tolerance };
    if (!worst || used(found) > used(worst)) worst = found;
  }
  if (!worst) throw new Error('nothing was computed');
  return worst;
}

/** The share of the tolerance. */
const used = ({ error, tolerance }: Worst): number => (error === 0 ? 0 : error / tolerance);

/** Below it numbers count as zero: what is zero in exact arithmetic is noise on any device. */
const FLOOR = 1e-3;

/**
 * The largest difference, relative to the largest number expected; infinite where types, shapes, or what is no finite
 * number differ.
 */
export function relativeError(actual: Tensor, expected: Tensor): number {
  if (actual.dtype !== expected.dtype || actual.shape.join() !== expected.shape.join()) return Infinity;
  if (expected.dtype === 'string') return actual.data.join('\n') === expected.data.join('\n') ? 0 : Infinity;
  const [numbers, wanted] = [toNumbers(actual), toNumbers(expected)];
  const finite = wanted.filter(Number.isFinite).map(Math.abs);
  const scale = finite.reduce((a, b) => Math.max(a, b), FLOOR);
  return wanted.reduce((worst, value, index) => {
    const number = numbers[index] ?? NaN;
    if (Object.is(number, value) || number === value) return worst;
    const difference = Math.abs(number - value) / scale;
    return Math.max(worst, Number.isNaN(difference) ? Infinity : difference);
  }, 0);
}
