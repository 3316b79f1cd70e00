import { tensorOf, type Value } from '../../onnx';
import { concat, gemm, reshape, split } from '../../ops';
import { type CellParameters, type Product, type ProductGradient } from './cell';

/** The parameters of some gates, side by side. */
export interface GateBlock {
  /** [I, n]: the part of the kernel that x meets. */
  readonly fromInput: Value;
  /** [H, n]: the part that h meets. */
  readonly fromState: Value;
  /** [n]. */
  readonly bias: Value;
}

/** The parameters cut into blocks of gates. */
export function gateBlocks(parameters: CellParameters, gates: readonly number[]): GateBlock[] {
  const hidden = parameters.recurrentKernel.size(0);
  const cut = (value: Value): readonly Value[] =>
    split(value, { axis: value.rank - 1, sizes: gates.map((count) => count * hidden) });
  const [inputs, states, biases] = [
    cut(parameters.kernel),
    cut(parameters.recurrentKernel),
    cut(parameters.bias),
  ];
  return gates.map((_, index) => {
    const [fromInput, fromState, bias] = [inputs[index], states[index], biases[index]] as [
      Value,
      Value,
      Value,
    ];
    return { fromInput, fromState, bias };
  });
}

/**
 * [fromInput; fromState; bias], [I+H+1, n]: what [x h 1] is multiplied with. The gradient of the bias is then a row
 * of the kernel's, and comes with it.
 */
export function joinedKernel({ fromInput, fromState, bias }: GateBlock): Value {
  return concat([fromInput, fromState, reshape(bias, [1, bias.size(0)])], 0);
}

/** [x h 1], [B, I+H+1]. */
export function joinedInput(x: Value, h: Value): Value {
  return concat([x, h, ones(x, [x.size(0), 1])], 1);
}

/**
 * Each gate's columns of a joined kernel. A product for each gate, rather than one for all that is cut apart
 * afterwards, leaves nothing to copy, and ONNX Runtime fuses the gate's activation into it.
 */
export function gateKernels(joined: Value, hidden: number): readonly Value[] {
  const count = joined.size(1) / hidden;
  return split(joined, { axis: 1, sizes: Array<number>(count).fill(hidden) });
}

/** Σ dPre·kernelᵀ over products that share an input, on top of a gradient that is there already. */
export function pullBack(
  terms: readonly { readonly dOutput: Value; readonly kernel: Value }[],
  start: Value | null = null,
): Value {
  const [total] = terms.reduce<(Value | null)[]>(
    ([c], { dOutput, kernel }) => [gemm(dOutput, kernel, c ? { transB: true, c } : { transB: true })],
    [start],
  );
  return total as Value;
}

/** Gradients of a product's kernel and bias. */
export interface WeightGradients {
  readonly kernel: Value;
  readonly bias: Value | null;
}

/** Those of some steps, on top of those of the steps before them. */
export function addWeightGradients(
  product: Product,
  before: WeightGradients | null,
  { input, dOutput }: ProductGradient,
): WeightGradients {
  const kernel = gemm(input, dOutput, { transA: true, ...(before ? { c: before.kernel } : {}) });
  if (!product.bias) return { kernel, bias: null };
  const sum = gemm(ones(dOutput, [1, dOutput.size(0)]), dOutput, before?.bias ? { c: before.bias } : {});
  return { kernel, bias: sum };
}

function ones(like: Value, shape: readonly [number, number]): Value {
  return like.graph.constant(tensorOf(like.dtype, shape, Array<number>(shape[0] * shape[1]).fill(1)));
}
