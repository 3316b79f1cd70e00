import { type Graph } from './graph';
import { GraphError } from './graph-error';
import { type DType } from './tensor';
import { type TensorType, type Value } from './value';

export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] }
  | { readonly graph: Graph };
export type Attributes = Readonly<Record<string, Attribute>>;

/**
 * One gradient per input: what the loss changes by as the input does, given the same for the outputs.
 * Null for an input that is not differentiable, and for an output that the loss does not depend on; one at least it
 * does. A gradient may have the shape that broadcasting gave the input: the backward pass sums it back.
 */
export type GradientRule = (node: Node, dOutputs: readonly (Value | null)[]) => readonly (Value | null)[];

/** Anything that the backward pass can step over. */
export interface Derivation {
  readonly label: string;
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly Value[];
  /** Null when no gradient exists: reaching it is an error. */
  readonly pullback: ((dOutputs: readonly (Value | null)[]) => readonly (Value | null)[]) | null;
}

/** An example on which an op is proven: by central differences where it is differentiable. */
export interface Sample {
  readonly name: string;
  readonly inputs: readonly SampleInput[];
  build(...inputs: Value[]): Value | readonly Value[];
  /** ONNX Runtime has no double kernel for the op: checked in single precision, with a wider tolerance. */
  readonly float32?: boolean;
  /** What the op gives, where it is not differentiable (or is worth pinning). One row per output, flat. */
  readonly expected?: readonly (readonly number[])[];
}

export interface SampleInput {
  readonly shape: readonly number[];
  /** `float` unless said. */
  readonly dtype?: 'float' | 'int64' | 'int32' | 'bool';
  /** Given, or drawn between low and high (−1 and 1 unless said). */
  readonly values?: readonly number[];
  readonly low?: number;
  readonly high?: number;
}

/** One ONNX operator: what its outputs look like and how gradients pass through it. */
export interface OpDefinition {
  readonly opType: string;
  readonly domain?: 'ai.onnx.ml';
  /** The operator set that defined the op's present form. */
  readonly sinceVersion: number;
  /** Types of the outputs. Throws `GraphError` (through `call.fail`) for inputs that do not fit. */
  inferTypes(call: OpCall): readonly TensorType[];
  /** Null: not differentiable at all. */
  readonly gradient: GradientRule | null;
  readonly samples: readonly Sample[];
}

/** An op about to be applied: what shape inference sees. */
export class OpCall {
  constructor(
    readonly op: OpDefinition,
    readonly inputs: readonly (Value | null)[],
    readonly attributes: Attributes = {},
  ) {}

  /** An input that must be there. */
  input(index: number): Value {
    return this.inputs[index] ?? this.fail(`input ${index} is missing`);
  }

  /** Fails unless the inputs have one type, which must be among the allowed. Those left out do not matter. */
  expectType(indices: readonly number[], allowed: readonly DType[]): void {
    const [first = 0, ...others] = indices;
    const { dtype } = this.input(first);
    if (!allowed.includes(dtype)) this.fail(`input ${first} must be ${allowed.join(' or ')}`);
    for (const index of others) {
      const other = this.inputs[index];
      if (other && other.dtype !== dtype) this.fail(`input ${index} must be ${dtype}, as input ${first} is`);
    }
  }

  /** An integer attribute that must be there. */
  int(name: string): number {
    const attribute = this.attributes[name];
    return attribute && 'int' in attribute ? attribute.int : this.fail(`attribute ${name} is missing`);
  }

  /** A list of integers that must be there. */
  ints(name: string): readonly number[] {
    const attribute = this.attributes[name];
    return attribute && 'ints' in attribute ? attribute.ints : this.fail(`attribute ${name} is missing`);
  }

  /** An input whose integers must be known while building (a shape, axes, bounds). */
  constantInts(index: number): readonly number[] {
    const value = this.input(index);
    if (!value.constant || value.constant.dtype === 'string')
      return this.fail(`input ${index} (${value.describe()}) must be a constant`);
    return Array.from<number | bigint, number>(value.constant.data, Number);
  }

  /** An axis attribute or input brought into 0..rank-1. */
  axis(axis: number, rank: number): number {
    const positive = axis < 0 ? axis + rank : axis;
    if (positive < 0 || positive >= rank) this.fail(`axis ${axis} is outside rank ${rank}`);
    return positive;
  }

  /** The outputs' types. @throws GraphError that names op, inputs and shapes, whatever does not fit. */
  outputTypes(): readonly TensorType[] {
    return named(this.op.opType, this.inputs, () => this.op.inferTypes(this));
  }

  fail(message: string): never {
    throw new GraphError(`${describeCall(this.op.opType, this.inputs)}: ${message}`);
  }
}

/** `Add(x float32[2], y float32[3])`, for messages. */
export function describeCall(label: string, inputs: readonly (Value | null)[]): string {
  return `${label}(${inputs.map((value) => value?.describe() ?? '–').join(', ')})`;
}

/** Runs part of an op's definition; what it finds wrong with a value alone is given the op and all its inputs. */
export function named<T>(label: string, inputs: readonly (Value | null)[], run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof GraphError) || error.message.startsWith(`${label}(`)) throw error;
    throw new GraphError(`${describeCall(label, inputs)}: ${error.message}`, { cause: error });
  }
}

/** An op in a graph. */
export class Node extends OpCall implements Derivation {
  readonly outputs: readonly Value[];

  /** @param gradientOf what the node helps to differentiate, where it is part of a backward pass. */
  constructor(
    call: OpCall,
    outputs: readonly Value[],
    readonly gradientOf: Derivation | null = null,
  ) {
    super(call.op, call.inputs, call.attributes);
    this.outputs = outputs;
  }

  get label(): string {
    return this.op.opType;
  }

  output(index: number): Value {
    return this.outputs[index] ?? this.fail(`output ${index} is missing`);
  }

  get pullback(): Derivation['pullback'] {
    const rule = this.op.gradient;
    return rule && ((dOutputs) => rule(this, dOutputs));
  }
}
