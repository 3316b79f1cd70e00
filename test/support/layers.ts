import { Graph, type SampleInput, type Tensor, type Value } from '../../src/engine/onnx';
import {
  allParameters,
  constantScope,
  Random,
  type Scope,
  takeCensus,
  valueScope,
} from '../../src/engine/nn';
import { Session, type SessionOptions } from '../../src/engine/runtime';
import { type Differentiable } from './central-differences';

/** A layer with example inputs: parameters become inputs of their own, so that gradients reach them too. */
export interface LayerCase {
  readonly inputs: readonly SampleInput[];
  build(scope: Scope, ...inputs: Value[]): Value | readonly Value[];
}

/** The layer as something whose gradients can be checked, its parameters last among the inputs. */
export function differentiable(layer: LayerCase): Differentiable {
  const { parameters, buffers, noise } = censusOf(layer, true);
  return {
    float32: true,
    inputs: [...layer.inputs, ...parameters.map(({ shape }) => ({ shape, low: -0.7, high: 0.7 }))],
    build(...values) {
      const own = values.slice(0, layer.inputs.length);
      const given = new Map(
        parameters.map(({ name }, index) => [name, values[layer.inputs.length + index]!]),
      );
      const fixed = new Map(
        noise.map(({ name, shape }) => {
          const random = new Random(1);
          const size = shape.reduce((a, b) => a * b, 1);
          const data = Float32Array.from({ length: size }, () => random.uniform());
          return [name, values[0]!.graph.constant({ dtype: 'float32', shape, data })];
        }),
      );
      const kept = new Map(
        buffers.map(({ name, shape, initializer }) => {
          const data = initializer(shape, new Random(3));
          return [name, values[0]!.graph.constant({ dtype: 'float32', shape, data })];
        }),
      );
      const scope = { parameters: given, buffers: kept, updates: new Map<string, Value>(), noise: fixed };
      return layer.build(valueScope(true, scope), ...own);
    },
  };
}

/** Runs a layer with drawn parameters, built for training or for inference; the same draw for both. */
export async function runLayer(
  layer: LayerCase,
  training: boolean,
  inputs: readonly Tensor[],
  options: SessionOptions = {},
): Promise<Tensor[]> {
  const { parameters, buffers } = censusOf(layer, true);
  const weights = new Map(
    [...parameters, ...buffers].map(({ name, shape, initializer }, index) => [
      name,
      { dtype: 'float32' as const, shape, data: initializer(shape, new Random(2, index)) },
    ]),
  );
  const graph = new Graph();
  const ports = inputs.map(({ dtype, shape }, index) => graph.input(`x${index}`, dtype, shape));
  const constants = new Map([...weights].map(([name, weight]) => [name, graph.constant(weight)]));
  const updates = new Map<string, Value>();
  const scope = training
    ? valueScope(true, { parameters: constants, buffers: constants, updates })
    : constantScope(graph, weights);
  const built = layer.build(scope, ...ports);
  const outputs = Array.isArray(built) ? (built as readonly Value[]) : [built as Value];
  outputs.forEach((value, index) => {
    graph.output(`y${index}`, value);
  });
  const session = await Session.compile(graph, options);
  const results = await session.run(Object.fromEntries(inputs.map((tensor, index) => [`x${index}`, tensor])));
  await session.close();
  return outputs.map((_, index) => results[`y${index}`]!);
}

/** Largest absolute difference between two tensors. */
export function distance(a: Tensor, b: Tensor): number {
  expect(a.shape).toEqual(b.shape);
  return Array.from(a.data as Float32Array).reduce(
    (worst, value, index) => Math.max(worst, Math.abs(value - Number(b.data[index]))),
    0,
  );
}

/** What the layer asks for; tables count as parameters, so that gradients reach all of their rows. */
function censusOf(layer: LayerCase, training: boolean) {
  const census = takeCensus(training, (scope, graph) =>
    layer.build(
      scope,
      ...layer.inputs.map(({ shape, dtype = 'float' }, index) =>
        graph.input(`input${index}`, dtype === 'float' ? 'float32' : dtype, shape),
      ),
    ),
  );
  return { ...census, parameters: allParameters(census) };
}
