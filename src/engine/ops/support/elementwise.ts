import {
  broadcast,
  type DType,
  FLOATS,
  GraphError,
  NUMBERS,
  type OpDefinition,
  type Sample,
  type SampleInput,
  Value,
} from '../../onnx';

/** A value, or a number that takes the type of the value beside it. */
export type Operand = Value | number;

/** Both operands as values. At least one must be. */
export function operands(a: Operand, b: Operand): [Value, Value] {
  if (a instanceof Value) return [a, b instanceof Value ? b : a.graph.scalar(a.dtype, b)];
  if (b instanceof Value) return [b.graph.scalar(b.dtype, a), b];
  throw new GraphError('an op over numbers alone is not a graph: compute it beforehand');
}

interface UnaryRule {
  /** dx from dy, x and y = op(x). Absent: not differentiable. */
  readonly gradient?: (dy: Value, x: Value, y: Value) => Value | null;
  readonly samples: readonly Sample[];
  /** Types that the op is defined on: floating ones unless given. */
  readonly accepts?: readonly DType[];
  /** The result's type where it is not the input's. */
  readonly result?: DType;
}

/** An op of one input that keeps its shape. */
export function unaryOp(opType: string, sinceVersion: number, rule: UnaryRule): OpDefinition {
  const { gradient, samples, accepts = FLOATS, result } = rule;
  return {
    opType,
    sinceVersion,
    samples,
    inferTypes: (call) => {
      call.expectType([0], accepts);
      return [{ dtype: result ?? call.input(0).dtype, shape: call.input(0).shape }];
    },
    gradient: gradient ? (node, [dy]) => [dy ? gradient(dy, node.input(0), node.output(0)) : null] : null,
  };
}

interface BinaryRule {
  /** da and db, before broadcasting is undone. Absent: not differentiable. */
  readonly gradient?: (dy: Value, node: { a: Value; b: Value; y: Value }) => readonly (Value | null)[];
  readonly samples: readonly Sample[];
  /** Types that the op is defined on: numbers unless given. */
  readonly accepts?: readonly DType[];
  readonly result?: DType;
}

/** An op of two inputs of one type whose shapes broadcast. */
export function binaryOp(opType: string, sinceVersion: number, rule: BinaryRule): OpDefinition {
  const { gradient, samples, accepts = NUMBERS, result } = rule;
  return {
    opType,
    sinceVersion,
    samples,
    inferTypes: (call) => {
      call.expectType([0, 1], accepts);
      const [a, b] = [call.input(0), call.input(1)];
      const shape = broadcast(a.shape, b.shape) ?? call.fail('the shapes do not broadcast');
      return [{ dtype: result ?? a.dtype, shape }];
    },
    gradient: gradient
      ? (node, [dy]) =>
          dy ? gradient(dy, { a: node.input(0), b: node.input(1), y: node.output(0) }) : [null, null]
      : null,
  };
}

/** Samples for an op of one input: from a scalar to four axes, drawn from a range. */
export function unarySamples(
  build: (x: Value) => Value,
  range: { low?: number; high?: number; float32?: boolean } = {},
): Sample[] {
  const { float32, ...bounds } = range;
  return [[], [5], [2, 3], [2, 1, 3, 2]].map((shape) => ({
    name: `x[${shape.join()}]`,
    inputs: [{ shape, ...bounds }],
    build: (x) => build(x),
    ...(float32 ? { float32 } : {}),
  }));
}

/** Samples for an op of two inputs: equal shapes, and broadcasting from either side and from both. */
export function binarySamples(
  build: (a: Value, b: Value) => Value,
  ranges: { a?: Partial<SampleInput>; b?: Partial<SampleInput> } = {},
): Sample[] {
  const shapes: [number[], number[]][] = [
    [
      [2, 3],
      [2, 3],
    ],
    [[2, 3], [3]],
    [
      [1, 3],
      [2, 1],
    ],
    [[], [2, 2]],
    [
      [2, 1, 3],
      [4, 1],
    ],
    [
      [1, 2, 1, 3],
      [4, 1, 2, 1],
    ],
    [[1, 1, 1], [1]],
  ];
  return shapes.map(([a, b]) => ({
    name: `a[${a.join()}] b[${b.join()}]`,
    inputs: [
      { ...ranges.a, shape: a },
      { ...ranges.b, shape: b },
    ],
    build: (x, y) => build(x, y),
  }));
}

/** A sample with its outputs written down, for ops that are not differentiable. */
export function pinned(
  name: string,
  inputs: readonly SampleInput[],
  rest: Pick<Sample, 'build' | 'expected'>,
): Sample {
  return { name, inputs, ...rest };
}
