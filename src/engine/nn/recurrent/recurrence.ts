import { withGradient } from '../../autodiff';
import { type Value } from '../../onnx';
import { concat, reshape, slice } from '../../ops';
import { type PreparedCell, type Product, type ProductGradient, type StepResult } from './cell';
import { addWeightGradients } from './products';

/**
 * Steps a cell over time, from a zero state: x [T·B, I] → the hidden states of all steps [T·B, H].
 *
 * A composite with a gradient of its own, written for the cache: what a step needs fits there, and every product,
 * those with the inputs and those for the weights' gradients too, is made while its operands are still warm.
 * (Products over all steps at once, the textbook's way, stream many megabytes instead: measured at two thirds of
 * the speed per multiplication.) There are no masks: sequences begin at step 0, so what a step computes never
 * depends on padding, and what it computes within padding receives no gradient.
 */
export function recurrence(
  cell: PreparedCell,
  x: Value,
  size: { steps: number; batch: number; hidden: number; states: number },
): Value {
  const { steps, batch, hidden, states } = size;
  const atStep = (value: Value, step: number): Value =>
    slice(value, { axis: 0, start: step * batch, end: (step + 1) * batch });

  const tape: StepResult[] = [];
  const zeros = x.graph.zeros(x.dtype, [batch, hidden]);
  let state: readonly Value[] = Array.from({ length: states }, () => zeros);
  for (let step = 0; step < steps; step += 1) {
    const result = cell.step(atStep(x, step), state);
    tape.push(result);
    state = result.state;
  }
  const all = concat(
    tape.map((result) => result.state[0] as Value),
    0,
  );

  const parameters = cell.products.flatMap(({ kernel, bias }) => (bias ? [kernel, bias] : [kernel]));
  const [withRule] = withGradient('recurrence', {
    inputs: [x, ...parameters],
    outputs: [all],
    pullback([dAll]) {
      const { dx, products } = backward(cell, tape, (step) => atStep(dAll as Value, step));
      return [
        concat(dx, 0),
        ...products.flatMap(({ kernel, bias }) =>
          bias ? [kernel, reshape(bias, [bias.size(1)])] : [kernel],
        ),
      ];
    },
  });
  return withRule;
}

/** Goes back from the last step to the first, adding up the weights' gradients on the way. */
function backward(
  cell: PreparedCell,
  tape: readonly StepResult[],
  dOutput: (step: number) => Value,
): { dx: readonly Value[]; products: readonly Product[] } {
  const dx: Value[] = [];
  let products: readonly (Product | null)[] = [];
  let dState: readonly (Value | null)[] = [dOutput(tape.length - 1), null];
  for (let step = tape.length - 1; step >= 0; step -= 1) {
    const gradient = (tape[step] as StepResult).backward(dState, step > 0 ? dOutput(step - 1) : null);
    dx.unshift(gradient.dx);
    products = cell.products.map((product, index) =>
      addWeightGradients(product, products[index] ?? null, gradient.products[index] as ProductGradient),
    );
    dState = gradient.dState;
  }
  return { dx, products: products as readonly Product[] };
}
