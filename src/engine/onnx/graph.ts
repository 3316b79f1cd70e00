import { createHash } from 'node:crypto';
import { GraphError } from './graph-error';
import { type Derivation, Node, type OpCall } from './op';
import { type Shape } from './shape';
import { sizeOf, tensorOf, type DType, type Tensor } from './tensor';
import { Value } from './value';

/**
 * A graph under construction. A subgraph (a loop's body) may use the values of the graphs around it.
 *
 * Nodes are kept in the order in which they were made, which is a valid order of execution.
 */
export class Graph {
  readonly nodes: Node[] = [];
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  private readonly constants = new Map<string, Value>();
  private readonly named = new Map<string, Value>();
  private readonly depth: number;
  /** Of a graph and all graphs inside it: the names given so far, and what is being differentiated. */
  private readonly shared: { names: number; gradientOf: Derivation | null };

  constructor(readonly parent: Graph | null = null) {
    this.depth = parent ? parent.depth + 1 : 0;
    this.shared = parent ? parent.shared : { names: 0, gradientOf: null };
  }

  /** Constants and weights. */
  get initializers(): Value[] {
    return [...this.constants.values(), ...this.named.values()];
  }

  subgraph(): Graph {
    return new Graph(this);
  }

  /** Declares an input. In a subgraph the name is made unique by the graph; at the top it is the caller's. */
  input(name: string, dtype: DType, shape: Shape): Value {
    const value = new Value(this, this.parent ? this.fresh(name) : name, { dtype, shape });
    this.inputs.push(value);
    return value;
  }

  /** Declares an output: the result of a node of this graph, which takes the name. */
  output(name: string, value: Value): void {
    if (value.graph !== this || !value.producer || this.outputs.includes(value))
      throw new GraphError(`the output ${name} must be a node's result of its own: pass it through identity`);
    value.name = name;
    this.outputs.push(value);
  }

  /** A constant; equal ones are stored once. */
  constant(tensor: Tensor): Value {
    if (sizeOf(tensor.shape) !== tensor.data.length)
      throw new GraphError(`a constant of shape [${tensor.shape.join()}] has ${tensor.data.length} elements`);
    const key = `${tensor.dtype}[${tensor.shape.join()}]${contentKey(tensor)}`;
    const known = this.constants.get(key);
    if (known) return known;
    const value = new Value(this, this.fresh('c'), tensor, tensor);
    this.constants.set(key, value);
    return value;
  }

  /** A weight under a name of its own. */
  initializer(name: string, tensor: Tensor): Value {
    if (this.named.has(name)) throw new GraphError(`the initializer ${name} is there twice`);
    const value = new Value(this, name, tensor, tensor);
    this.named.set(name, value);
    return value;
  }

  /** Turns a node's result, which has been computed, into a constant: what made it is no longer needed for it. */
  settle(value: Value, tensor: Tensor): void {
    if (value.graph !== this || value.dtype !== tensor.dtype || value.shape.join() !== tensor.shape.join())
      throw new GraphError(`${value.describe()} cannot be ${tensor.dtype}[${tensor.shape.join()}]`);
    value.constant = tensor;
    value.producer = null;
    this.named.set(value.name, value);
  }

  /** A number in the type beside which it stands. */
  scalar(dtype: DType, number: number): Value {
    if ((dtype === 'int32' || dtype === 'int64') && !Number.isInteger(number))
      throw new GraphError(`${number} is no ${dtype}`);
    return this.constant(tensorOf(dtype, [], [number]));
  }

  /** A list of integers: a shape, axes, bounds. */
  ints(numbers: readonly number[]): Value {
    if (!numbers.every(Number.isInteger)) throw new GraphError(`[${numbers.join()}] are no whole numbers`);
    return this.constant(tensorOf('int64', [numbers.length], numbers));
  }

  zeros(dtype: DType, shape: readonly number[]): Value {
    return this.constant(tensorOf(dtype, shape, new Uint8Array(sizeOf(shape))));
  }

  /**
   * Adds a node. Called by `apply`, which chooses the graph.
   *
   * @param given outputs that are there already, by position: the node takes the place of another.
   */
  add(call: OpCall, given: readonly (Value | null)[] = []): Node {
    const types = call.outputTypes();
    const outputs = types.map((type, index) => given[index] ?? new Value(this, this.fresh('v'), type));
    const node = new Node(call, outputs, this.shared.gradientOf);
    for (const output of outputs) output.producer = node;
    this.nodes.push(node);
    return node;
  }

  /** Nodes made by `build`, here or in graphs inside or around, are marked as part of a gradient. */
  inGradientOf(derivation: Derivation, build: () => void): void {
    const before = this.shared.gradientOf;
    this.shared.gradientOf = derivation;
    try {
      build();
    } finally {
      this.shared.gradientOf = before;
    }
  }

  private fresh(prefix: string): string {
    this.shared.names += 1;
    return `${prefix}${this.shared.names}`;
  }

  /** The innermost of the graphs that the values live in: where an op over them belongs. */
  static innermost(values: readonly (Value | null)[]): Graph | null {
    let inner: Graph | null = null;
    for (const value of values) {
      if (!value) continue;
      if (!inner || value.graph.depth > inner.depth) {
        if (inner && !value.graph.isInside(inner)) throw outOfScope(value);
        inner = value.graph;
      } else if (!inner.isInside(value.graph)) throw outOfScope(value);
    }
    return inner;
  }

  private isInside(graph: Graph): boolean {
    if (graph === this) return true;
    return this.parent?.isInside(graph) ?? false;
  }
}

function outOfScope(value: Value): GraphError {
  return new GraphError(`${value.describe()} belongs to a graph that is not visible here`);
}

function contentKey(tensor: Tensor): string {
  if (tensor.data.length <= 64) return tensor.data.join();
  const hash = createHash('sha256');
  if (tensor.dtype === 'string') for (const text of tensor.data) hash.update(`${text.length}:${text}`);
  else hash.update(new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength));
  return hash.digest('hex');
}
