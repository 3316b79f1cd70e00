import { withGradient } from '../../autodiff';
import { type Value } from '../../onnx';
import { add, concat, identity, reshape, slice } from '../../ops';
import { type PreparedCell, type ProductGradient, type StepGradient, type StepResult } from './cell';
import { addWeightGradients, pullBack, type WeightGradients } from './products';

/**
 * Steps a cell over time, from a zero state: x [T·B, I] → the hidden states of all steps [T·B, H], and the last one
 * [B, H] by itself, whose gradient is where the way back begins.
 *
 * A composite with a gradient of its own, written for the cache: what a step needs fits there, and products, those with
 * the inputs too, are made while their operands are still warm. There are no masks: sequences begin at step 0, so what a
 * step computes never depends on padding, and what it computes within padding receives no gradient.
 */
export function recurrence(
  cell: PreparedCell,
  x: Value,
  size: { steps: number; batch: number; hidden: number; states: number },
): { all: Value; last: Value } {
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
  const last = identity(state[0] as Value);

  const parameters = cell.products.flatMap(({ kernel, bias }) => (bias ? [kernel, bias] : [kernel]));
  const [allWithRule, lastWithRule] = withGradient('recurrence', {
    inputs: [x, ...parameters],
    outputs: [all, last],
    pullback([dAll, dLast]) {
      const { dx, products } = backward(cell, { tape, batch }, (step) => {
        const dOutput = dAll ? atStep(dAll, step) : null;
        if (step < steps - 1 || !dLast) return dOutput;
        return dOutput ? add(dOutput, dLast) : dLast;
      });
      return [
        concat(dx, 0),
        ...products.flatMap(({ kernel, bias }) =>
          bias ? [kernel, reshape(bias, [bias.size(1)])] : [kernel],
        ),
      ];
    },
  });
  return { all: allWithRule, last: lastWithRule };
}

/**
 * The gradients of weights and inputs are made for so many rows, steps times batch, at once. A product of few rows takes
 * as long to be handed to threads, and its result to be added to the one before, as to be computed; that of many
 * streams its operands from beyond the cache.
 */
const ROWS_TOGETHER = 2048;

/**
 * Goes back from the last step to the first, then adds up the weights' gradients from the first to the last.
 *
 * ONNX Runtime executes what a node needs just before it, and of a node's inputs the one that was made last first. The
 * sums are made after all joins: so a group is joined when the sum before it is there, and its product follows at once.
 * The first groups come first, whose steps the way back has just left.
 */
function backward(
  cell: PreparedCell,
  { tape, batch }: { tape: readonly StepResult[]; batch: number },
  dOutput: (step: number) => Value | null,
): { dx: readonly Value[]; products: readonly WeightGradients[] } {
  const gradients: StepGradient[] = [];
  let dState: readonly (Value | null)[] = [dOutput(tape.length - 1), null];
  for (let step = tape.length - 1; step >= 0; step -= 1) {
    const gradient = (tape[step] as StepResult).backward(dState, step > 0 ? dOutput(step - 1) : null);
    dState = gradient.dState;
    gradients.unshift(gradient);
  }
  const joined = groupsOf(gradients, Math.max(1, Math.floor(ROWS_TOGETHER / batch))).map((group) =>
    cell.products.map((_, index) => joinSteps(group, index)),
  );
  const products = cell.products.map((product, index) =>
    joined.reduce<WeightGradients | null>(
      (before, group) => addWeightGradients(product, before, group[index] as ProductGradient),
      null,
    ),
  );
  const dx = joined.map((group) =>
    pullBack(
      cell.products.flatMap(({ fromInput }, index) =>
        fromInput ? [{ dOutput: (group[index] as ProductGradient).dOutput, kernel: fromInput }] : [],
      ),
    ),
  );
  return { dx, products: products as readonly WeightGradients[] };
}

/** Steps in a row, cut from the end into groups of so many: the first group has what is left. */
function groupsOf(steps: readonly StepGradient[], together: number): StepGradient[][] {
  const groups: StepGradient[][] = [];
  for (let end = steps.length; end > 0; end -= together)
    groups.unshift(steps.slice(Math.max(0, end - together), end));
  return groups;
}

/** What some steps in a row put into a product, and the gradients of what came out, one step after another. */
function joinSteps(group: readonly StepGradient[], index: number): ProductGradient {
  const all = group.map(({ products }) => products[index] as ProductGradient);
  const [only] = all;
  if (all.length === 1 && only) return only;
  return {
    input: concat(
      all.map(({ input }) => input),
      0,
    ),
    dOutput: concat(
      all.map((each) => each.dOutput),
      0,
    ),
  };
}
