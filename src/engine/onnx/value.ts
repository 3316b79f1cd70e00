import { type Graph } from './graph';
import { type Derivation, type Node } from './op';
import { formatShape, staticShape, type Dim, type Shape } from './shape';
import { type DType, type Tensor } from './tensor';
import { GraphError } from './graph-error';

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** One tensor of a graph: an input, a constant, or an output of a node. */
export class Value {
  /** The node that computes the value; null for inputs and constants. Set by the graph. */
  producer: Node | null = null;
  /** A composite whose gradient is used in place of the producer's. */
  composite: Derivation | null = null;
  /** What a person calls it, where that is not its name: a parameter's path. For messages. */
  label: string | null = null;

  /** @param constant the elements, when they are known while building or have been computed since. */
  constructor(
    readonly graph: Graph,
    public name: string,
    readonly type: TensorType,
    public constant: Tensor | null = null,
  ) {}

  /** How the value came to be, as the backward pass sees it. */
  get derivation(): Derivation | null {
    return this.composite ?? this.producer;
  }

  get dtype(): DType {
    return this.type.dtype;
  }

  get shape(): Shape {
    return this.type.shape;
  }

  get rank(): number {
    return this.type.shape.length;
  }

  /** The dimension at an axis, counted from the end when negative. */
  dim(axis: number): Dim {
    const dim = this.shape.at(axis);
    if (dim === undefined) throw new GraphError(`${this.describe()} has no axis ${axis}`);
    return dim;
  }

  /** The dimension at an axis, which must be a number. */
  size(axis: number): number {
    const dim = this.dim(axis);
    if (typeof dim !== 'number') throw new GraphError(`${this.describe()}: axis ${axis} must be static`);
    return dim;
  }

  /** All dimensions, which must be numbers. */
  staticShape(): readonly number[] {
    const shape = staticShape(this.shape);
    if (!shape) throw new GraphError(`${this.describe()} must have a static shape`);
    return shape;
  }

  /** `h float32[32,N,4]`, for messages. */
  describe(): string {
    return `${this.label ?? this.name} ${this.dtype}${formatShape(this.shape)}`;
  }
}
