import { Graph, type Shape, type Tensor, type Value } from '../onnx';
import { type Scope, takeCensus, valueScope, type Weights } from '../nn';
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
 * The graph of a forward pass whose weights are inputs: the flat vectors `parameters` and, where there are any, `buffers`.
 *
 * @param rows takes the place of every symbolic dimension, where given.
 */
export function buildForwardGraph<Name extends string>(
  recipe: ForwardRecipe<Name>,
  rows?: number,
): { graph: Graph; layouts: Readonly<Record<string, ParameterLayout>> } {
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
  const scope = valueScope(false, {
    parameters: layout.split(graph.input('parameters', 'float32', [layout.size])),
    ...(buffers ? { buffers: buffers.split(graph.input(BUFFERS, 'float32', [buffers.size])) } : {}),
  });
  for (const [name, value] of Object.entries(recipe.outputs(scope, inputs))) graph.output(name, value);
  return { graph, layouts: { parameters: layout, ...(buffers ? { [BUFFERS]: buffers } : {}) } };
}

/**
 * A model's forward pass with the weights (and buffers) as inputs: one compiled session evaluates every epoch's weights.
 */
export class ForwardProgram<Name extends string> {
  private constructor(
    private readonly layouts: Readonly<Record<string, ParameterLayout>>,
    private readonly session: Session,
  ) {}

  static async compile<Name extends string>(
    recipe: ForwardRecipe<Name>,
    options: SessionOptions = {},
  ): Promise<ForwardProgram<Name>> {
    const { graph, layouts } = buildForwardGraph(recipe);
    return new ForwardProgram<Name>(layouts, await Session.compile(graph, options));
  }

  /**
   * @param weights of a training program's state, by name.
   * @throws GraphError when one of the model's is missing or of another shape.
   */
  async run(
    weights: Weights,
    inputs: Readonly<Record<Name, Tensor>>,
  ): Promise<Readonly<Record<string, Tensor>>> {
    const flat = Object.entries(this.layouts).map(([name, layout]): [string, Tensor] => {
      const data = layout.flatten(weights);
      return [name, { dtype: 'float32', shape: [data.length], data }];
    });
    return this.session.run({ ...inputs, ...Object.fromEntries(flat) });
  }

  async close(): Promise<void> {
    await this.session.close();
  }
}
