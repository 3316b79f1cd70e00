import { GraphError, type Value } from '../onnx';
import { type Buffer, type BufferSpec } from './buffers';
import { type Initializer } from './initializers';

/** A tensor that training changes. */
export interface ParameterSpec {
  /** Unique within the model: the path of its layer and its own name, `head.kernel`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  /** Whether weight decay applies: to kernels, not to biases and scales. */
  readonly decays: boolean;
}

/** Where a model's parameters and its randomness come from: a training loop, a file of weights, a mere census. */
export interface Supply {
  /** Training graphs are differentiable and drop out; inference graphs use fused ops and free batch sizes. */
  readonly training: boolean;
  parameter(spec: ParameterSpec): Value;
  buffer(spec: BufferSpec): Buffer;
  /** The rows of a table [count, width] that ids […] pick: […, width]. The same table may be asked for again. */
  lookup(table: ParameterSpec, ids: Value): Value;
  /** Fresh uniform numbers in [0, 1) for every step, of a static shape. Training only. */
  noise(name: string, shape: readonly number[]): Value;
}

/**
 * What a layer is built in: names its parameters by path and asks the supply for them. One model function,
 * run in different scopes, gives the training graph, the evaluation graph and the exported one.
 */
export class Scope {
  private readonly children = new Set<string>();

  constructor(
    private readonly supply: Supply,
    private readonly path: string = '',
  ) {}

  get training(): boolean {
    return this.supply.training;
  }

  /** The scope of a layer. A name is used once: sharing parameters means calling the layer once. */
  in(name: string): Scope {
    if (this.children.has(name)) throw new GraphError(`the scope ${this.name(name)} is there twice`);
    this.children.add(name);
    return new Scope(this.supply, this.name(name));
  }

  parameter(
    name: string,
    shape: readonly number[],
    options: { initializer: Initializer; decays?: boolean },
  ): Value {
    const { initializer, decays = false } = options;
    if (!shape.every((size) => Number.isInteger(size) && size >= 1))
      throw new GraphError(`the parameter ${this.name(name)} cannot be [${shape.join()}]`);
    const path = this.name(name);
    return labelled(this.supply.parameter({ name: path, shape, initializer, decays }), path);
  }

  /** State that is not trained, such as a running mean. Its name must not be a parameter's. */
  buffer(name: string, shape: readonly number[], initializer: Initializer): Buffer {
    const path = this.name(name);
    const buffer = this.supply.buffer({ name: path, shape, initializer });
    labelled(buffer.value, path);
    return buffer;
  }

  /**
   * Looks up rows of a table of parameters: ids […] → […, width]. Unlike a parameter as a whole, a table costs a
   * training step no more than the rows that the step looks up, and those alone are trained by it.
   *
   * @param ids integers 0 … count−1. In training they must follow from the step's inputs alone.
   */
  lookup(
    name: string,
    ids: Value,
    table: { count: number; width: number; initializer: Initializer; decays?: boolean },
  ): Value {
    const { count, width, initializer, decays = false } = table;
    if (![count, width].every((size) => Number.isInteger(size) && size >= 1))
      throw new GraphError(`the table ${this.name(name)} cannot be [${count},${width}]`);
    const path = this.name(name);
    const spec = { name: path, shape: [count, width], initializer, decays };
    return labelled(this.supply.lookup(spec, ids), path);
  }

  noise(name: string, shape: readonly number[]): Value {
    const path = this.name(name);
    return labelled(this.supply.noise(path, shape), path);
  }

  private name(own: string): string {
    return this.path ? `${this.path}.${own}` : own;
  }
}

/** A training graph cuts its parameters from one vector: the path is what tells them apart in messages. */
function labelled(value: Value, path: string): Value {
  value.label = path;
  return value;
}
