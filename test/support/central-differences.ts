import { gradients } from '../../src/engine/autodiff';
import {
  Graph,
  isFloat,
  type SampleInput,
  sizeOf,
  type Tensor,
  tensorOf,
  type Value,
  writeModel,
} from '../../src/engine/onnx';
import { Random } from '../../src/engine/nn/random';
import { add, mul, reduceSum } from '../../src/engine/ops';
import { Session } from '../../src/engine/runtime';

type Built = Value | readonly Value[];

export interface Differentiable {
  readonly inputs: readonly SampleInput[];
  build(...inputs: Value[]): Built;
  readonly float32?: boolean;
}

/** Numbers for a sample's inputs: those given, or a draw that is the same every time. */
export function drawInputs(sample: Differentiable): Tensor[] {
  const random = new Random(7, sample.inputs.length);
  return sample.inputs.map(({ shape, dtype = 'float', values, low = -1, high = 1 }) => {
    const float = sample.float32 ? 'float32' : 'float64';
    const drawn =
      values ?? Array.from({ length: sizeOf(shape) }, () => low + (high - low) * random.uniform());
    return tensorOf(dtype === 'float' ? float : dtype, shape, drawn);
  });
}

/** Runs a sample forward; also says which types shape inference promised. */
export async function evaluate(sample: Differentiable): Promise<{ promised: string[]; outputs: Tensor[] }> {
  const inputs = drawInputs(sample);
  const graph = new Graph();
  const ports = inputs.map(({ dtype, shape }, index) => graph.input(`x${index}`, dtype, shape));
  const built = listOf(sample.build(...ports));
  const promised = built.map((value) => `${value.dtype}[${value.shape.join()}]`);
  built.forEach((value, index) => {
    graph.output(`y${index}`, value);
  });
  const session = await Session.create(writeModel(graph));
  const results = await session.run(feedsOf(graph, inputs));
  await session.close();
  return { promised, outputs: built.map((_, index) => results[`y${index}`]!) };
}

/**
 * Compares the gradients that autodiff builds with central differences, for a random weighting of the outputs
 * (a plain sum would hide permuted gradients). Returns the largest difference, relative to the largest gradient.
 */
export async function gradientError(sample: Differentiable): Promise<number> {
  const inputs = drawInputs(sample);
  const graph = new Graph();
  const ports = inputs.map(({ dtype, shape }, index) => graph.input(`x${index}`, dtype, shape));
  const random = new Random(11);
  const loss = listOf(sample.build(...ports))
    .filter((value) => isFloat(value.dtype))
    .map((value) => {
      const shape = value.staticShape();
      const weights = Array.from(
        { length: sizeOf(shape) },
        () => 0.5 + random.uniform() * (random.uniform() < 0.5 ? -1 : 1),
      );
      return reduceSum(mul(value, graph.constant(tensorOf(value.dtype, shape, weights))));
    })
    .reduce((total, term) => add(total, term));
  const wrt = ports.filter((port) => isFloat(port.dtype));
  graph.output('loss', loss);
  gradients(loss, wrt).forEach((gradient, index) => {
    graph.output(`d${index}`, mul(gradient, 1));
  });
  const session = await Session.create(writeModel(graph));
  const lossAt = async (at: readonly Tensor[]): Promise<number> =>
    Number((await session.run(feedsOf(graph, at), ['loss'])).loss!.data[0]);
  const analytic = await session.run(feedsOf(graph, inputs));
  const h = sample.float32 ? 1e-2 : 1e-5;
  let worst = 0;
  let scale = 1e-3;
  for (const [index, port] of wrt.entries()) {
    const position = ports.indexOf(port);
    const given = inputs[position]!.data as Float64Array;
    const gradient = analytic[`d${index}`]!.data as Float64Array;
    for (let element = 0; element < given.length; element += 1) {
      const shifted = (by: number): Tensor[] =>
        inputs.map((tensor, at) => {
          if (at !== position) return tensor;
          const data = (tensor.data as Float64Array).slice();
          data[element]! += by;
          return { ...tensor, data } as Tensor;
        });
      const numeric = ((await lossAt(shifted(h))) - (await lossAt(shifted(-h)))) / (2 * h);
      worst = Math.max(worst, Math.abs(numeric - gradient[element]!));
      scale = Math.max(scale, Math.abs(numeric));
    }
  }
  await session.close();
  return worst / scale;
}

function listOf(built: Built): readonly Value[] {
  return Array.isArray(built) ? (built as readonly Value[]) : [built as Value];
}

function feedsOf(graph: Graph, tensors: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(graph.inputs.map((input, index) => [input.name, tensors[index]!]));
}
