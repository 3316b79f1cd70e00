import { Graph, GraphError, type Shape, type Tensor, type Value } from '../onnx';
import { type ParameterSpec, type Scope, takeCensus, valueScope, type Weights } from '../nn';
import { Session, type SessionOptions } from '../runtime';
import { bufferLayout, BUFFERS } from './buffers';
import { ParameterLayout } from './parameter-layout';

export interface ForwardRecipe<Name extends string> {
  /** Shapes may be symbolic in the batch: `['N', 4]`. */
  readonly inputs: Readonly<Record<Name, { readonly dtype: 'float32' | 'int32'; readonly shape: Shape }>>;
  /** The same model function as in training, in an inference scope. */
  outputs(scope: Scope, inputs: Readonly<Record<Name, Value>>): Readonly<Record<string, Value>>;
}

/**
 * The graph of a forward pass whose weights are inputs: the flat vectors `parameters` and, where there are any,
 * `buffers`, and each table that rows are looked up in.
 *
 * @param rows takes the place of every symbolic dimension, where given.
 */
export function buildForwardGraph<Name extends string>(
  recipe: ForwardRecipe<Name>,
  rows?: number,
): {
  graph: Graph;
  layouts: Readonly<Record<string, ParameterLayout>>;
  tables: readonly ParameterSpec[];
} {
  const names = Object.keys(recipe.inputs) as Name[];
  const fixed = (shape: Shape): Shape => shape.map((dim) => (typeof dim === 'string' ? (rows ?? dim) : dim));
  const declare = (graph: Graph): Record<Name, Value> =>
    Object.fromEntries(
      names.map((name) => [
        name,
        graph.input(name, recipe.inputs[name].dtype, fixed(recipe.inputs[name].shape)),
      ]),
    ) as Record<Name, Value>;
  const census = takeCensus(false, (scope, graph) => recipe.outputs(scope, declare(graph)));
  const layout = new ParameterLayout(census.parameters);
  const buffers = bufferLayout(census);
  const graph = new Graph();
  const inputs = declare(graph);
  const parameters = layout.split(graph.input('parameters', 'float32', [layout.size]));
  const tables = census.tables.map(({ spec }) => spec);
  for (const { name, shape } of tables) parameters.set(name, graph.input(tableInput(name), 'float32', shape));
  const scope = valueScope(false, {
    parameters,
    ...(buffers ? { buffers: buffers.split(graph.input(BUFFERS, 'float32', [buffers.size])) } : {}),
  });
  for (const [name, value] of Object.entries(recipe.outputs(scope, inputs))) graph.output(name, value);
  return { graph, layouts: { parameters: layout, ...(buffers ? { [BUFFERS]: buffers } : {}) }, tables };
}

/**
 * A model's forward pass with the weights (and buffers) as inputs: one compiled session evaluates every epoch's weights.
 *
 * Parameters enter as one flat vector, buffers as another, which are put together when other weights are given; tables
 * that rows are looked up in enter as they are.
 */
export class ForwardProgram<Name extends string> {
  private flat: { readonly of: Weights; readonly feeds: Readonly<Record<string, Tensor>> } | null = null;

  private constructor(
    private readonly layouts: Readonly<Record<string, ParameterLayout>>,
    private readonly tables: readonly ParameterSpec[],
    private readonly session: Session,
  ) {}

  static async compile<Name extends string>(
    recipe: ForwardRecipe<Name>,
    options: SessionOptions = {},
  ): Promise<ForwardProgram<Name>> {
    const { graph, layouts, tables } = buildForwardGraph(recipe);
    return new ForwardProgram<Name>(layouts, tables, await Session.compile(graph, options));
  }

  /**
   * @param weights of a training program's state, by name; their numbers must not change afterwards.
   * @throws GraphError when one of the model's is missing or of another shape.
   */
  async run(
    weights: Weights,
    inputs: Readonly<Record<Name, Tensor>>,
  ): Promise<Readonly<Record<string, Tensor>>> {
    if (this.flat?.of !== weights) this.flat = { of: weights, feeds: this.flatten(weights) };
    const tables = this.tables.map(({ name }): [string, Tensor] => {
      const table = weights.get(name);
      if (!table) throw new GraphError(`there is no weight ${name}`);
      return [tableInput(name), table];
    });
    return this.session.run({ ...inputs, ...this.flat.feeds, ...Object.fromEntries(tables) });
  }

  private flatten(weights: Weights): Record<string, Tensor> {
    return Object.fromEntries(
      Object.entries(this.layouts).map(([name, layout]): [string, Tensor] => {
        const data = layout.flatten(weights);
        return [name, { dtype: 'float32', shape: [data.length], data }];
      }),
    );
  }

  async close(): Promise<void> {
    await this.session.close();
  }
}

function tableInput(name: string): string {
  return `table ${name}`;
}
