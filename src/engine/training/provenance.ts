import { type Derivation, type Value } from '../onnx';

/** Layers that a message names before it stops. */
const MOST_LAYERS = 3;

/** Where in a model a value comes from, as far as its graph tells. */
interface Origin {
  /** Whether the value was computed with parameters of these layers, not just from what the layers gave. */
  readonly direct: boolean;
  /** Paths of layers; inputs of the step. */
  readonly names: ReadonlySet<string>;
}

/**
 * Says in which layer a value was made: values do not remember the scope that they were built in, but parameters
 * and noise carry their path, so the nearest of those upstream tell. `in hidden` is what was computed with
 * parameters of `hidden` itself, `computed from hidden` what followed (its activation, a sum with another layer).
 */
export class Provenance {
  private readonly origins = new Map<Value, Origin>();
  private readonly ownLayers = new Map<Value, ReadonlySet<string> | null>();

  /**
   * @param stepInputs values that hold what the step was given, by name.
   * @param forward the values that the loss is computed from.
   */
  constructor(
    private readonly stepInputs: ReadonlyMap<Value, string>,
    private readonly forward: ReadonlySet<Value>,
  ) {}

  /** `Exp float32[4,8] computed from hidden`, `Mul float32[4] in the gradient of Exp float32[4,8] …`. */
  describe(value: Value): string {
    const { producer, dtype, shape } = value;
    const what = `${producer?.label ?? value.name} ${dtype}[${shape.join()}]`;
    if (producer?.gradientOf)
      return `${what} in the gradient of ${this.describeDerivation(producer.gradientOf)}`;
    return this.forward.has(value) ? `${what}${this.place(value)}` : `${what} in the optimizer's update`;
  }

  private describeDerivation({ label, outputs: [output] }: Derivation): string {
    return output ? `${label} ${output.dtype}[${output.shape.join()}]${this.place(output)}` : label;
  }

  private place(value: Value): string {
    const { direct, names } = this.originOf(value);
    if (names.size === 0) return '';
    const listed = [...names].slice(0, MOST_LAYERS).join(' and ');
    return ` ${direct ? 'in' : 'computed from'} ${listed}${names.size > MOST_LAYERS ? ' and others' : ''}`;
  }

  private originOf(value: Value): Origin {
    const known = this.origins.get(value);
    if (known) return known;
    const origin = this.findOrigin(value);
    this.origins.set(value, origin);
    return origin;
  }

  private findOrigin(value: Value): Origin {
    const input = this.stepInputs.get(value);
    if (input !== undefined) return { direct: false, names: new Set([`the input ${input}`]) };
    const own = this.layersOf(value);
    if (own) return { direct: true, names: own };
    const inputs = (value.producer?.inputs ?? []).filter((from) => from !== null);
    const direct = union(inputs.map((from) => this.layersOf(from) ?? new Set<string>()));
    if (direct.size > 0) return { direct: true, names: direct };
    return { direct: false, names: union(inputs.map((from) => this.originOf(from).names)) };
  }

  /** The layers whose parameters a value is made of, where it depends on nothing else; null where it does. */
  private layersOf(value: Value): ReadonlySet<string> | null {
    const known = this.ownLayers.get(value);
    if (known !== undefined) return known;
    const layers = this.findLayers(value);
    this.ownLayers.set(value, layers);
    return layers;
  }

  private findLayers(value: Value): ReadonlySet<string> | null {
    if (value.label !== null) return new Set([layerOf(value.label)]);
    if (value.constant) return new Set();
    if (!value.producer) return null;
    const parts: ReadonlySet<string>[] = [];
    for (const input of value.producer.inputs) {
      const part = input ? this.layersOf(input) : new Set<string>();
      if (!part) return null;
      parts.push(part);
    }
    return union(parts);
  }
}

/** The path of a parameter's layer; a parameter of the model itself stands for itself. */
function layerOf(path: string): string {
  const end = path.lastIndexOf('.');
  return end < 0 ? path : path.slice(0, end);
}

function union(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  return new Set(sets.flatMap((set) => [...set]));
}
