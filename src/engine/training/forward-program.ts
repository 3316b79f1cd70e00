import { Graph, type Shape, type Tensor, type Value, writeModel } from '../onnx';
import { type Scope, takeCensus, valueScope, type Weights } from '../nn';
import { Session, type SessionOptions } from '../runtime';
import { ParameterLayout } from './parameter-layout';

export interface ForwardRecipe<Name extends string> {
  /** Shapes may be symbolic in the batch: `['N', 4]`. */
  readonly inputs: Readonly<Record<Name, { readonly dtype: 'float32' | 'int32'; readonly shape: Shape }>>;
  /** The same model function as in training, in an inference scope. */
  outputs(scope: Scope, inputs: Readonly<Record<Name, Value>>): Readonly<Record<string, Value>>;
}

/**
 * The graph of a forward pass whose weights are an input, the flat vector `parameters`.
 *
 * @param rows takes the place of every symbolic dimension, where given.
 */
export function buildForwardGraph<Name extends string>(
  recipe: ForwardRecipe<Name>,
  rows?: number,
): { graph: Graph; layout: ParameterLayout } {
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
  const graph = new Graph();
  const inputs = declare(graph);
  const scope = valueScope(false, {
    parameters: layout.split(graph.input('parameters', 'float32', [layout.size])),
  });
  for (const [name, value] of Object.entries(recipe.outputs(scope, inputs))) graph.output(name, value);
  return { graph, layout };
}

/**
 * A model's forward pass with the weights as an input: one compiled session evaluates every epoch's weights.
 */
export class ForwardProgram<Name extends string> {
  private constructor(
    private readonly layout: ParameterLayout,
    private readonly session: Session,
  ) {}

  static async compile<Name extends string>(
    recipe: ForwardRecipe<Name>,
    options: SessionOptions = {},
  ): Promise<ForwardProgram<Name>> {
    const { graph, layout } = buildForwardGraph(recipe);
    return new ForwardProgram<Name>(layout, await Session.create(writeModel(graph), options));
  }

  /** @param weights of a training program's state, by name. */
  async run(
    weights: Weights,
    inputs: Readonly<Record<Name, Tensor>>,
  ): Promise<Readonly<Record<string, Tensor>>> {
    const data = this.layout.initial(0, weights);
    return this.session.run({ ...inputs, parameters: { dtype: 'float32', shape: [data.length], data } });
  }

  async close(): Promise<void> {
    await this.session.close();
  }
}
