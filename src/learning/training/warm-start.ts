import { type ParameterSpec, type Weights } from '../../engine/nn';

/** Where a network's first weights came from, by name. */
export interface WarmStart {
  /** From the earlier model. */
  readonly taken: readonly string[];
  /** Drawn: the earlier model has none of this name, or one of another shape. */
  readonly drawn: readonly string[];
}

/**
 * The weights of an earlier model that fit a network by name and shape.
 *
 * That a name and a shape agree does not say that rows mean the same: an embedding of another vocabulary of the same
 * size fits, and is the caller's to leave out.
 */
export function fittingWeights(
  parameters: readonly ParameterSpec[],
  earlier: Weights,
): { weights: Weights; warmStart: WarmStart } {
  const fits = ({ name, shape }: ParameterSpec) => earlier.get(name)?.shape.join() === shape.join();
  const taken = parameters.filter(fits).map(({ name }) => name);
  const drawn = parameters.filter((parameter) => !fits(parameter)).map(({ name }) => name);
  const weights = new Map([...earlier].filter(([name]) => taken.includes(name)));
  return { weights, warmStart: { taken, drawn } };
}
