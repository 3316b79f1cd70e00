import { Graph, GraphError, liveNodes, type Value } from '../onnx';
import { notedBuffer, type ParameterSpec, Scope } from '../nn';
import { add, cast, gather, loop, mul } from '../ops';
import { type TableLayout } from './table-layout';
import { type TrainingRecipe } from './training-graph';

/** One place in a model where rows of a table are looked up. */
export interface Lookup {
  readonly table: ParameterSpec;
  /** Of the ids of one step. */
  readonly shape: readonly number[];
}

export interface LookupGraph {
  readonly graph: Graph;
  /** In the order in which the model makes them; that of the graph's outputs, each int32 [steps, …shape]. */
  readonly lookups: readonly Lookup[];
  /** The graph's inputs for the recipe's. */
  readonly inputs: readonly { readonly name: string; readonly of: string }[];
  /** The graph's input for the number of steps. */
  readonly steps: string;
}

/**
 * What computes, from the inputs of a chunk's steps, the ids that each step looks up: the part of the model that
 * leads to them. It runs before the steps themselves, which are then handed the rows that they need.
 *
 * @param tables those whose lookups count.
 * @throws GraphError when ids depend on parameters, rows, buffers or noise.
 */
export function buildLookupGraph(
  recipe: TrainingRecipe<string>,
  tables: readonly TableLayout[],
): LookupGraph {
  // Parameters, buffers and noise live in a graph around this one, which is not written.
  const around = new Graph();
  const graph = around.subgraph();
  const lookups: Lookup[] = [];
  const steps = graph.input('steps', 'int64', []);
  const inputs = Object.entries(recipe.inputs).map(([of, { dtype, shape }]) => ({
    of,
    value: graph.input(of, dtype, ['steps', ...shape]),
  }));
  const { reports } = loop(steps, [], ({ iteration, graph: body }) => {
    const ids: Value[] = [];
    const updates = new Map<string, Value>();
    const scope = new Scope({
      training: true,
      parameter: ({ name, shape }) => around.input(name, 'float32', shape),
      buffer: (spec) => notedBuffer(spec, around.input(spec.name, 'float32', spec.shape), updates),
      noise: (name, shape) => around.input(name, 'float32', shape),
      lookup(table, wanted) {
        if (tables.some(({ spec }) => spec.name === table.name)) {
          lookups.push({ table, shape: wanted.staticShape() });
          const own = cast(wanted, 'int32');
          // What a loop reports must come from its run: ids that are the same in all of them are made to.
          ids.push(own.graph === body ? own : add(own, mul(cast(iteration, 'int32'), 0)));
        }
        return gather(around.input(table.name, 'float32', table.shape), wanted);
      },
    });
    recipe.loss(scope, Object.fromEntries(inputs.map(({ of, value }) => [of, gather(value, iteration)])));
    return { state: [], reports: ids };
  });
  reports.forEach((value, index) => {
    graph.output(`ids${index}`, value);
  });
  for (const node of liveNodes(graph))
    if (node.inputs.some((value) => value?.graph === around))
      throw new GraphError(
        'ids of lookups must follow from the inputs of a step, not from what is trained, kept or drawn',
      );
  return {
    graph,
    lookups,
    inputs: inputs.map(({ of, value }) => ({ name: value.name, of })),
    steps: steps.name,
  };
}
