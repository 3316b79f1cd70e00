import { createHash } from 'node:crypto';
import { GraphError, sizeOf, type Tensor, type Value } from '../onnx';
import { type ParameterSpec, Random, type Weights } from '../nn';
import { reshape, split } from '../ops';

/**
 * Where each parameter lies within one flat vector of all of them.
 *
 * A training step then updates one tensor, clips one, checks one, instead of dozens of small ones; and a
 * checkpoint is a handful of arrays.
 */
export class ParameterLayout {
  /** Total number of parameters. */
  readonly size: number;

  constructor(readonly specs: readonly ParameterSpec[]) {
    this.size = specs.reduce((total, { shape }) => total + sizeOf(shape), 0);
  }

  /** Names and shapes in short: states of one layout fit no other. */
  get digest(): string {
    const text = this.specs.map(({ name, shape }) => `${name}[${shape.join()}]`).join('\n');
    return createHash('sha256').update(text).digest('hex').slice(0, 16);
  }

  /** The parameters as values of a graph, cut from the flat vector [size]. */
  split(flat: Value): Map<string, Value> {
    if (this.specs.length === 0) return new Map();
    const pieces = split(flat, { axis: 0, sizes: this.specs.map(({ shape }) => sizeOf(shape)) });
    return new Map(
      this.specs.map(({ name, shape }, index) => [name, reshape(pieces[index] as Value, shape)]),
    );
  }

  /** 1 where weight decay applies, 0 elsewhere. */
  decayMask(): Float32Array {
    const mask = new Float32Array(this.size);
    for (const { spec, offset } of this.placed())
      if (spec.decays) mask.fill(1, offset, offset + sizeOf(spec.shape));
    return mask;
  }

  /**
   * First values: drawn, each from a stream of its own, or taken by name from an earlier model.
   *
   * @throws GraphError when an earlier model's parameter has another shape.
   */
  initial(seed: number, given: Weights = new Map()): Float32Array {
    const flat = new Float32Array(this.size);
    for (const { spec, offset } of this.placed()) flat.set(firstValues(spec, seed, given), offset);
    return flat;
  }

  /**
   * The flat vector of weights that are all given.
   *
   * @throws GraphError for one that is missing or of another shape.
   */
  flatten(weights: Weights): Float32Array {
    for (const { name } of this.specs)
      if (!weights.has(name)) throw new GraphError(`there is no weight ${name}`);
    return this.initial(0, weights);
  }

  /** The parameters by name; views into the flat vector, not copies. */
  weights(flat: Float32Array): Map<string, Tensor<'float32'>> {
    return new Map(
      this.placed().map(({ spec: { name, shape }, offset }) => [
        name,
        { dtype: 'float32', shape, data: flat.subarray(offset, offset + sizeOf(shape)) },
      ]),
    );
  }

  private placed(): { spec: ParameterSpec; offset: number }[] {
    let next = 0;
    return this.specs.map((spec) => {
      const offset = next;
      next += sizeOf(spec.shape);
      return { spec, offset };
    });
  }
}

/**
 * A parameter's first values: drawn from a stream of its own, or taken by name from an earlier model.
 *
 * @throws GraphError when the earlier model's parameter has another shape.
 */
export function firstValues(spec: ParameterSpec, seed: number, given: Weights = new Map()): Float32Array {
  const { name, shape, initializer } = spec;
  const earlier = given.get(name);
  if (earlier && earlier.shape.join() !== shape.join())
    throw new GraphError(`the earlier ${name} is [${earlier.shape.join()}], not [${shape.join()}]`);
  return earlier?.data ?? initializer(shape, new Random(seed, ...keyOf(name)));
}

/** A name as integers, so that a parameter's stream depends on nothing but its name and the seed. */
function keyOf(name: string): number[] {
  const digest = createHash('sha256').update(name).digest();
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}
