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

/** A sample's graph: outputs `y0…` as built. */
export interface SampleGraph {
  readonly graph: Graph;
  /** Numbers for its inputs, in order. */
  readonly feeds: Record<string, Tensor>;
  readonly outputs: readonly Value[];
}

export function sampleGraph(sample: Differentiable): SampleGraph {
  const inputs = drawInputs(sample);
  const graph = new Graph();
  const ports = inputs.map(({ dtype, shape }, index) => graph.input(`x${index}`, dtype, shape));
  const outputs = listOf(sample.build(...ports));
  outputs.forEach((value, index) => {
    graph.output(`y${index}`, value);
  });
  const feeds = Object.fromEntries(inputs.map((tensor, index) => [`x${index}`, tensor]));
  return { graph, feeds, outputs };
}

/**
 * Adds the gradients of a random weighting of the outputs (a plain sum would hide permuted gradients): `loss`, and
 * `d.x0…` for each floating input.
 */
export function withGradients({ graph, feeds, outputs }: SampleGraph): SampleGraph {
  const random = new Random(11);
  const loss = outputs
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
  const wrt = graph.inputs.filter((port) => isFloat(port.dtype));
  graph.output('loss', loss);
  gradients(loss, wrt).forEach((gradient, index) => {
    graph.output(`d.${wrt[index]!.name}`, mul(gradient, 1));
  });
  return { graph, feeds, outputs };
}

/** Runs a sample forward; also says which types shape inference promised. */
export async function evaluate(sample: Differentiable): Promise<{ promised: string[]; outputs: Tensor[] }> {
  const { graph, feeds, outputs } = sampleGraph(sample);
  const promised = outputs.map((value) => `${value.dtype}[${value.shape.join()}]`);
  const session = await Session.create(writeModel(graph));
  const results = await session.run(feeds);
  await session.close();
  return { promised, outputs: outputs.map((_, index) => results[`y${index}`]!) };
}

/**
 * Compares the gradients that autodiff builds with central differences. Returns the largest difference, relative to
 * the largest gradient.
 */
export async function gradientError(sample: Differentiable): Promise<number> {
  const { graph, feeds } = withGradients(sampleGraph(sample));
  const session = await Session.create(writeModel(graph));
  const lossAt = async (at: Record<string, Tensor>): Promise<number> =>
    Number((await session.run(at, ['loss'])).loss!.data[0]);
  const analytic = await session.run(feeds);
  const h = sample.float32 ? 1e-2 : 1e-5;
  let worst = 0;
  let scale = 1e-3;
  for (const [name, tensor] of Object.entries(feeds).filter(([, { dtype }]) => isFloat(dtype))) {
    const given = tensor.data as Float64Array;
    const gradient = analytic[`d.${name}`]!.data as Float64Array;
    for (let element = 0; element < given.length; element += 1) {
      const shifted = (by: number): Record<string, Tensor> => {
        const data = given.slice();
        data[element]! += by;
        return { ...feeds, [name]: { ...tensor, data } as Tensor };
      };
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
