import { AppError } from '../../src/errors';

const MAX_BOUNDS = 20;

/**
 * Puts numbers, as texts, into ranges: `< 25`, `25 – 60`, `>= 60`. What is no number is in none.
 * @throws AppError BAD_USER_INPUT when the bounds do not rise
 */
export function rangesOf(bounds: readonly number[]): (text: string) => string {
  const isRising = bounds.every((bound, i) => Number.isFinite(bound) && bound > (bounds[i - 1] ?? -Infinity));
  if (!isRising || bounds.length === 0 || bounds.length > MAX_BOUNDS) {
    const message = `1 to ${MAX_BOUNDS} numbers, each greater than the one before`;
    throw new AppError('BAD_USER_INPUT', `input.bounds: ${message}.`, [{ path: 'input.bounds', message }]);
  }
  return (text) => {
    const number = Number(text);
    if (text.trim() === '' || !Number.isFinite(number)) return '';
    const place = bounds.findIndex((bound) => number < bound);
    if (place === 0) return `< ${bounds[0]}`;
    return place < 0 ? `>= ${bounds.at(-1)}` : `${bounds[place - 1]} – ${bounds[place]}`;
  };
}
