import { Graph, GraphError, sizeOf, type Tensor, type Value } from '../onnx';
import { Scope, type ParameterSpec, type Supply } from './scope';

/** Builds a model's outputs from its inputs. Must be a pure function of its arguments: it runs several times. */
export type Weights = ReadonlyMap<string, Tensor<'float32'>>;

/** A scope for inference whose parameters are constants of the graph, under their own names. */
export function constantScope(graph: Graph, weights: Weights): Scope {
  const known = new Map<string, Value>();
  return new Scope({
    training: false,
    parameter(spec) {
      const weight = weights.get(spec.name);
      if (!weight) throw new GraphError(`there is no weight ${spec.name}`);
      if (weight.shape.join() !== spec.shape.join())
        throw new GraphError(
          `the weight ${spec.name} is [${weight.shape.join()}], not [${spec.shape.join()}]`,
        );
      const value = known.get(spec.name) ?? graph.initializer(spec.name, weight);
      known.set(spec.name, value);
      return value;
    },
    noise: noNoise,
  });
}

/** A scope whose parameters and noise come from values made beforehand, by name. */
export function valueScope(
  training: boolean,
  values: { parameters: ReadonlyMap<string, Value>; noise?: ReadonlyMap<string, Value> },
): Scope {
  const find = (from: ReadonlyMap<string, Value> | undefined, name: string): Value => {
    const value = from?.get(name);
    if (!value) throw new GraphError(`the census of this model did not list ${name}`);
    return value;
  };
  return new Scope({
    training,
    parameter: (spec) => find(values.parameters, spec.name),
    noise: (name) => find(values.noise, name),
  });
}

/** What a model asks of its supply. */
export interface Census<Built = unknown> {
  readonly parameters: readonly ParameterSpec[];
  readonly noise: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** The parameters' values in the graph that the census was taken in, in their order. */
  readonly values: readonly Value[];
  /** What the model gave there. */
  readonly built: Built;
}

/** Builds the model once, in a graph that is never run, and lists what it asked for. */
export function takeCensus<Built>(
  training: boolean,
  build: (scope: Scope, graph: Graph) => Built,
): Census<Built> {
  const graph = new Graph();
  const parameters: ParameterSpec[] = [];
  const values: Value[] = [];
  const noise: { name: string; shape: readonly number[] }[] = [];
  const supply: Supply = {
    training,
    parameter(spec) {
      if (parameters.some((earlier) => earlier.name === spec.name))
        throw new GraphError(`the parameter ${spec.name} is there twice`);
      const value = graph.input(spec.name, 'float32', spec.shape);
      parameters.push(spec);
      values.push(value);
      return value;
    },
    noise(name, shape) {
      noise.push({ name, shape });
      return graph.input(name, 'float32', shape);
    },
  };
  const built = build(new Scope(supply), graph);
  return { parameters, noise, values, built };
}

/** Number of trainable numbers. */
export function countParameters(census: Census): number {
  return census.parameters.reduce((total, { shape }) => total + sizeOf(shape), 0);
}

function noNoise(name: string): never {
  throw new GraphError(`${name}: there is no randomness in inference`);
}
