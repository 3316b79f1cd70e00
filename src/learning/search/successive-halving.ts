/** How many trials are trained, and for how many epochs each. */
export interface Rung {
  readonly trials: number;
  readonly epochs: number;
}

/**
 * The rungs of successive halving (Jamieson & Talwalkar 2016): from one to the next, the best 1/eta of the trials are trained
 * eta times as long, until the last are trained in full.
 * @param minEpochs from 1, below `maxEpochs`; @param eta from 2
 */
export function rungsOf(
  trials: number,
  {
    minEpochs,
    eta,
    maxEpochs,
  }: { readonly minEpochs: number; readonly eta: number; readonly maxEpochs: number },
): Rung[] {
  const rungs: Rung[] = [];
  let left = trials;
  for (let epochs = minEpochs; epochs < maxEpochs; epochs *= eta) {
    rungs.push({ trials: left, epochs });
    left = Math.max(1, Math.floor(left / eta));
  }
  return [...rungs, { trials: left, epochs: maxEpochs }];
}
