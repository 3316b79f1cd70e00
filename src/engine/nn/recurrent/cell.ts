import { type Value } from '../../onnx';
import { type RecurrentInputs } from '../../ops/support/recurrent';

/**
 * One step of a recurrent layer and its reversal.
 *
 * Shape legend: T steps, B batch, I inputs, H hidden units, G gates.
 */
export interface Cell {
  /** State tensors [B,H]: the hidden state, then the cell state where there is one. */
  readonly states: 1 | 2;
  /** First biases of the gates; their number is G. */
  readonly biases: readonly number[];
  /** Whether the recurrent product has a bias of its own (GRU: the reset gate acts on it). */
  readonly recurrentBias: boolean;
  /** The fused op for inference. */
  fused(inputs: RecurrentInputs, hidden: number): { all: Value; last: Value };
  /** What all steps share. */
  prepare(parameters: CellParameters): PreparedCell;
}

/** Gates side by side in ONNX's order. */
export interface CellParameters {
  /** [I, G·H]. */
  readonly kernel: Value;
  /** [H, G·H]. */
  readonly recurrentKernel: Value;
  /** [G·H]. */
  readonly bias: Value;
  /** [G·H], where the cell has one. */
  readonly recurrentBias: Value | null;
}

export interface PreparedCell {
  /** The matrix products that every step makes: what gradients are gathered for. */
  readonly products: readonly Product[];
  step(x: Value, state: readonly Value[]): StepResult;
}

/** y = input·kernel + bias. No bias where the input ends in a column of ones, and the kernel in a row for it. */
export interface Product {
  readonly kernel: Value;
  readonly bias: Value | null;
  /** The rows of the kernel that x meets; null where it meets none. */
  readonly fromInput: Value | null;
}

export interface StepResult {
  readonly state: readonly Value[];
  /**
   * The gradients of what the step took, from those of the state that it left. `dState[1]` is null at the last
   * step, where nothing follows. `dOutput` is what reaches the state before from outside; it is added in.
   */
  backward(dState: readonly (Value | null)[], dOutput: Value | null): StepGradient;
}

/** What went into a product, and the gradient of what came out. */
export interface ProductGradient {
  readonly input: Value;
  readonly dOutput: Value;
}

export interface StepGradient {
  readonly products: readonly ProductGradient[];
  /** Gradients of the state before. */
  readonly dState: readonly (Value | null)[];
}
