import { tensorOf, type Value } from '../../onnx';
import { concat, gemm, split } from '../../ops';
import { type CellParameters, type Product } from './cell';

/**
 * Gates that share an activation: [x h]·joint + bias is one product with nothing to cut apart after it, so that
 * ONNX Runtime fuses the activation in.
 */
export interface GateBlock extends Product {
  /** [I, n]: the part of the kernel that x meets. */
  readonly fromInput: Value;
  /** [H, n]: the part that h meets. */
  readonly fromState: Value;
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
    return { fromInput, fromState, bias, kernel: concat([fromInput, fromState], 0) };
  });
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

/** Gradients of a product's kernel and bias: this step's on top of those of the steps after it. */
export function addWeightGradients(
  later: Product | null,
  { input, dOutput }: { readonly input: Value; readonly dOutput: Value },
): Product {
  const batch = dOutput.size(0);
  const ones = dOutput.graph.constant(tensorOf(dOutput.dtype, [1, batch], Array<number>(batch).fill(1)));
  return {
    kernel: gemm(input, dOutput, { transA: true, ...(later ? { c: later.kernel } : {}) }),
    bias: gemm(ones, dOutput, later ? { c: later.bias } : {}),
  };
}
