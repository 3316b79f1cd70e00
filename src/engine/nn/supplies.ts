import { Graph, GraphError, type Shape, sizeOf, type Tensor, type Value } from '../onnx';
import { gather } from '../ops';
import { type BufferSpec, notedBuffer } from './buffers';
import { Scope, type ParameterSpec, type Supply } from './scope';

/** Trained tensors by name: parameters, and buffers where there are some. */
export type Weights = ReadonlyMap<string, Tensor<'float32'>>;

/** A scope for inference whose parameters and buffers are constants of the graph, under their own names. */
export function constantScope(graph: Graph, weights: Weights): Scope {
  const known = new Map<string, Value>();
  const constant = ({ name, shape }: BufferSpec): Value => {
    const weight = weights.get(name);
    if (!weight) throw new GraphError(`there is no weight ${name}`);
    if (weight.shape.join() !== shape.join())
      throw new GraphError(`the weight ${name} is [${weight.shape.join()}], not [${shape.join()}]`);
    const value = known.get(name) ?? graph.initializer(name, weight);
    known.set(name, value);
    return value;
  };
  return new Scope({
    training: false,
    parameter: constant,
    lookup: (table, ids) => gather(constant(table), ids),
    buffer: (spec) => notedBuffer(spec, constant(spec), null),
    noise: noNoise,
  });
}

/**
 * A scope whose parameters, buffers and noise come from values made beforehand, by name.
 *
 * @param values.updates takes what the model makes of its buffers; left out, it may not change them.
 * @param values.lookup where rows of tables come from; whole tables among the parameters unless given.
 */
export function valueScope(
  training: boolean,
  values: {
    parameters: ReadonlyMap<string, Value>;
    buffers?: ReadonlyMap<string, Value>;
    updates?: Map<string, Value>;
    noise?: ReadonlyMap<string, Value>;
    lookup?: Supply['lookup'];
  },
): Scope {
  const { updates = null } = values;
  const find = (from: ReadonlyMap<string, Value> | undefined, name: string): Value => {
    const value = from?.get(name);
    if (!value) throw new GraphError(`the census of this model did not list ${name}`);
    return value;
  };
  return new Scope({
    training,
    parameter: (spec) => find(values.parameters, spec.name),
    lookup: values.lookup ?? ((table, ids) => gather(find(values.parameters, table.name), ids)),
    buffer: (spec) => notedBuffer(spec, find(values.buffers, spec.name), updates),
    noise: (name) => find(values.noise, name),
  });
}

/** What a model asks of its supply. */
export interface Census<Built = unknown> {
  readonly parameters: readonly ParameterSpec[];
  readonly buffers: readonly BufferSpec[];
  /** Tables that rows are looked up in, each once, with the shapes of the ids of each lookup. */
  readonly tables: readonly { readonly spec: ParameterSpec; readonly lookups: readonly Shape[] }[];
  readonly noise: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** The values of parameters and tables in the graph that the census was taken in, in their order. */
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
  const buffers: BufferSpec[] = [];
  const updates = training ? new Map<string, Value>() : null;
  const values: Value[] = [];
  const tables = new Map<string, { spec: ParameterSpec; value: Value; lookups: Shape[] }>();
  const noise: { name: string; shape: readonly number[] }[] = [];
  const declare = (kind: string, { name, shape }: BufferSpec): Value => {
    if (tables.has(name) || [...parameters, ...buffers].some((earlier) => earlier.name === name))
      throw new GraphError(`the ${kind} ${name} is there twice`);
    return graph.input(name, 'float32', shape);
  };
  const supply: Supply = {
    training,
    parameter(spec) {
      const value = declare('parameter', spec);
      parameters.push(spec);
      values.push(value);
      return value;
    },
    buffer(spec) {
      const value = declare('buffer', spec);
      buffers.push(spec);
      return notedBuffer(spec, value, updates);
    },
    lookup(spec, ids) {
      const known = tables.get(spec.name);
      if (known && known.spec.shape.join() !== spec.shape.join())
        throw new GraphError(`the table ${spec.name} is there twice, in two shapes`);
      const table = known ?? { spec, value: declare('table', spec), lookups: [] };
      tables.set(spec.name, table);
      table.lookups.push(ids.shape);
      return gather(table.value, ids);
    },
    noise(name, shape) {
      noise.push({ name, shape });
      return graph.input(name, 'float32', shape);
    },
  };
  const built = build(new Scope(supply), graph);
  const ofTables = Array.from(tables.values(), ({ value }) => value);
  return {
    parameters,
    tables: [...tables.values()],
    buffers,
    noise,
    values: [...values, ...ofTables],
    built,
  };
}

/** Everything that is trained: parameters, and tables as wholes. */
export function allParameters({
  parameters,
  tables,
}: Pick<Census, 'parameters' | 'tables'>): ParameterSpec[] {
  return [...parameters, ...tables.map(({ spec }) => spec)];
}

/** Number of trainable numbers. */
export function countParameters(census: Census): number {
  return allParameters(census).reduce((total, { shape }) => total + sizeOf(shape), 0);
}

function noNoise(name: string): never {
  throw new GraphError(`${name}: there is no randomness in inference`);
}
