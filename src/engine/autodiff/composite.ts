import { type Derivation, GraphError, type Value } from '../onnx';

/**
 * Gives values a gradient of their own, in place of the one that follows from their nodes: for layers whose
 * backward pass is better written by hand (a recurrence, whose weight gradients become one large product over
 * all steps).
 *
 * @param inputs everything differentiable that the outputs depend on.
 * @param pullback the inputs' gradients from the outputs', null for those of them that the loss does not depend on.
 */
export function withGradient<const Outputs extends readonly Value[]>(
  label: string,
  composite: {
    inputs: readonly Value[];
    outputs: Outputs;
    pullback: (dOutputs: readonly (Value | null)[]) => readonly (Value | null)[];
  },
): Outputs {
  const { inputs, outputs, pullback } = composite;
  const derivation: Derivation = { label, inputs, outputs, pullback };
  for (const output of outputs) {
    if (output.composite)
      throw new GraphError(`${label}: ${output.describe()} has a gradient of its own already`);
    output.composite = derivation;
  }
  return outputs;
}
