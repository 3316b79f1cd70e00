import {
  type Derivation,
  describeCall,
  formatShape,
  GraphError,
  isFloat,
  named,
  sameShape,
  type Shape,
  type Value,
} from '../onnx';
import { reduceSum, reshape, sum, zerosLike } from '../ops';

/**
 * Reverse-mode differentiation: adds to the graph what computes ∂loss/∂v for each v of `wrt`.
 *
 * Knows no op: each derivation (a node, or a composite with a gradient of its own) pulls its outputs' gradients
 * back to its inputs. Here they are summed where a value is used more than once, and brought back to the
 * value's shape where broadcasting had repeated it.
 *
 * @param loss a scalar.
 * @param seed ∂/∂loss, 1 unless given: what lets a random upstream gradient in.
 * @returns one gradient per value, zeros where the loss does not depend on it.
 * @throws GraphError when the loss depends on a value through an op without gradient: names op, inputs and values.
 */
export function gradients(loss: Value, wrt: readonly Value[], seed?: Value): Value[] {
  const adjoints = backward(loss, wrt, seed ?? loss.graph.scalar(loss.dtype, 1));
  return wrt.map((value) => total(adjoints, value) ?? zerosLike(value));
}

/**
 * Makes sure that a gradient reaches every value that the loss depends on: what is behind a step function alone
 * (`Sign`, `Floor`, a comparison) would be carried along by training and never change.
 *
 * @throws GraphError naming the value and the op that passes nothing on.
 */
export function requireGradients(loss: Value, wrt: readonly Value[]): void {
  const adjoints = backward(loss, wrt, loss.graph.scalar(loss.dtype, 1));
  for (const value of wrt) {
    if (adjoints.has(value)) continue;
    const last = dependents(loss, new Set([value])).find(({ outputs }) =>
      outputs.some((output) => adjoints.has(output)),
    );
    if (last)
      throw new GraphError(
        `${describeCall(last.label, last.inputs)} passes no gradient on, ` +
          `and the loss depends on ${value.describe()} through nothing else`,
      );
  }
}

/** The terms of the gradient of each value that one reaches. */
function backward(loss: Value, wrt: readonly Value[], seed: Value): Map<Value, Value[]> {
  if (loss.rank !== 0) throw new GraphError(`a loss is a scalar, not ${loss.describe()}`);
  const adjoints = new Map<Value, Value[]>([[loss, [seed]]]);
  for (const derivation of dependents(loss, new Set(wrt)).reverse()) {
    const reached = derivation.outputs.some((output) => adjoints.has(output));
    if (!reached) continue;
    const { pullback } = derivation;
    if (!pullback) {
      const behind = wrt.filter((value) =>
        derivation.outputs.some((output) => dependents(output, new Set([value])).length > 0),
      );
      throw new GraphError(
        `${describeCall(derivation.label, derivation.inputs)} has no gradient, ` +
          `and the loss depends on ${behind.map((value) => value.describe()).join(', ')} through it`,
      );
    }
    loss.graph.inGradientOf(derivation, () => {
      step(derivation, pullback, adjoints);
    });
  }
  return adjoints;
}

/** Pulls the gradients of one derivation's outputs back to its inputs. */
function step(
  derivation: Derivation,
  pullback: NonNullable<Derivation['pullback']>,
  adjoints: Map<Value, Value[]>,
): void {
  const { label, inputs } = derivation;
  const fail = (message: string): never => {
    throw new GraphError(`${describeCall(label, inputs)}: ${message}`);
  };
  const dInputs = named(label, inputs, () =>
    pullback(derivation.outputs.map((output) => total(adjoints, output))),
  );
  if (dInputs.length < inputs.length) fail(`its gradient rule answers for ${dInputs.length} inputs only`);
  inputs.forEach((input, index) => {
    const gradient = dInputs[index];
    if (!input || !gradient || input.constant || !isFloat(input.dtype)) return;
    const terms = adjoints.get(input);
    const term =
      unbroadcast(gradient, input.shape) ??
      fail(`the gradient ${formatShape(gradient.shape)} does not fit input ${index}`);
    if (terms) terms.push(term);
    else adjoints.set(input, [term]);
  });
}

/** The sum of a value's gradients, null where there are none; kept as one term, so that it is made once. */
function total(adjoints: Map<Value, Value[]>, value: Value): Value | null {
  const terms = adjoints.get(value);
  if (!terms) return null;
  const summed = sum(terms);
  adjoints.set(value, [summed]);
  return summed;
}

/** Derivations between `wrt` and the loss, each after those it depends on. */
function dependents(loss: Value, wrt: ReadonlySet<Value>): Derivation[] {
  const order: Derivation[] = [];
  const known = new Map<Derivation, boolean>();
  const dependsOn = (value: Value): boolean => {
    const derivation = value.derivation;
    const through = derivation ? visit(derivation) : false;
    return wrt.has(value) || through;
  };
  const visit = (derivation: Derivation): boolean => {
    const seen = known.get(derivation);
    if (seen !== undefined) return seen;
    let depends = false;
    for (const input of derivation.inputs) if (input && dependsOn(input)) depends = true;
    known.set(derivation, depends);
    if (depends) order.push(derivation);
    return depends;
  };
  dependsOn(loss);
  return order;
}

/** Sums a gradient over the axes along which its value was repeated. Null where it is of another shape. */
function unbroadcast(gradient: Value, shape: Shape): Value | null {
  if (sameShape(gradient.shape, shape)) return gradient;
  const extra = gradient.rank - shape.length;
  const repeated = gradient.shape.flatMap((dim, axis) => {
    const own = axis < extra ? undefined : shape[axis - extra];
    return own === dim ? [] : own === undefined || own === 1 ? [axis] : [-1];
  });
  if (extra < 0 || repeated.includes(-1)) return null;
  const kept = reduceSum(gradient, repeated);
  return sameShape(kept.shape, shape) ? kept : reshape(kept, shape.map(Number));
}
