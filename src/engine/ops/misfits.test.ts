import { opSamples } from '../../../test/support/op-definitions';
import { gradients } from '../autodiff';
import {
  type DType,
  ELEMENT_TYPE,
  formatShape,
  Graph,
  GraphError,
  isFloat,
  type OpDefinition,
  type Sample,
  type SampleInput,
  type Shape,
  sizeOf,
  type Tensor,
  tensorOf,
  type Value,
  writeModel,
} from '../onnx';
import { Session } from '../runtime';
import { gather } from './gather';
import { gemm } from './gemm';
import { gru } from './gru';
import { identity } from './identity';
import { labelEncoder } from './label-encoder';
import { layerNormalization } from './layer-normalization';
import { loop } from './loop';
import { lstm } from './lstm';
import { mul } from './mul';
import { pad } from './pad';
import { reduceMean } from './reduce-mean';
import { reduceSum } from './reduce-sum';
import { reshape } from './reshape';
import { rnn } from './rnn';
import { slice } from './slice';
import { split } from './split';
import { squeeze } from './squeeze';
import { transpose } from './transpose';
import { unsqueeze } from './unsqueeze';

/** An input as it is declared, and as it is when the graph runs. */
interface Given {
  readonly dtype: DType;
  readonly declared: Shape;
  readonly actual: readonly number[];
}

const own = (sample: Sample): Given[] =>
  sample.inputs.map(({ shape, dtype = 'float' }) => {
    const float = sample.float32 ? 'float32' : 'float64';
    return { dtype: dtype === 'float' ? float : dtype, declared: shape, actual: shape };
  });

/** What an input is not meant to be: another type, rank, or size, or a size that is known only later. */
function misfitsOf({ dtype, actual }: Given): Given[] {
  const types = (Object.keys(ELEMENT_TYPE) as DType[]).filter((other) => other !== dtype);
  const replaced = <D>(at: number, dim: (own: number) => D): (number | D)[] =>
    actual.map((size, axis) => (axis === at ? dim(size) : size));
  const shapes = [
    [2, ...actual],
    ...(actual.length > 0 ? [actual.slice(1)] : []),
    ...actual.map((_, at) => replaced(at, (size) => size + 1)),
  ];
  return [
    ...types.map((other) => ({ dtype: other, declared: actual, actual })),
    ...shapes.map((shape) => ({ dtype, declared: shape, actual: shape })),
    ...actual.map((_, at) => ({ dtype, declared: replaced(at, () => 'N'), actual })),
  ];
}

/** Each input wrong in turn, then all floating ones of another type at once. */
function variantsOf(sample: Sample): Given[][] {
  const inputs = own(sample);
  const oneWrong = inputs.flatMap((input, at) =>
    misfitsOf(input).map((misfit) => inputs.map((given, index) => (index === at ? misfit : given))),
  );
  const allWrong = (Object.keys(ELEMENT_TYPE) as DType[]).map((dtype) =>
    inputs.map((given) => (isFloat(given.dtype) ? { ...given, dtype } : given)),
  );
  return [...oneWrong, ...allWrong];
}

const describeInput = ({ dtype, declared }: Given): string => `${dtype}${formatShape(declared)}`;

/** Ones, and zeros where the op takes whole numbers: they may be indices. */
function dataFor({ dtype, actual }: Given, meant: SampleInput['dtype']): Tensor {
  const value = meant === 'int32' || meant === 'int64' ? 0 : 1;
  return tensorOf(dtype, actual, Array<number>(sizeOf(actual)).fill(value));
}

/**
 * Builds the op over the inputs: what is refused must be refused by a `GraphError` that names the op and all that
 * it was given; the gradient likewise, which may be refused for itself. Null where the op is refused.
 */
function build(op: OpDefinition, sample: Sample, given: readonly Given[]): Graph | null {
  const graph = new Graph();
  const ports = given.map(({ dtype, declared }, index) => graph.input(`x${index}`, dtype, declared));
  let outputs: readonly Value[];
  try {
    outputs = [sample.build(...ports)].flat();
  } catch (error) {
    expect(error).toBeInstanceOf(GraphError);
    const { message } = error as GraphError;
    expect(message).toContain(`${op.opType}(`);
    for (const input of given) expect(message).toContain(describeInput(input));
    return null;
  }
  outputs.forEach((value, index) => {
    graph.output(`y${index}`, identity(value));
  });
  try {
    const floats = outputs.filter(({ dtype }) => isFloat(dtype));
    for (const value of floats)
      gradients(
        reduceSum(mul(value, value)),
        ports.filter(({ dtype }) => isFloat(dtype)),
      );
  } catch (error) {
    expect(error).toBeInstanceOf(GraphError);
    expect((error as GraphError).message).toMatch(/^\w+\(.+\)(: | has no gradient, )/);
  }
  return graph;
}

/** Two shapes of an op are enough here: each becomes dozens of variants. */
const fewSamples = opSamples.filter(({ op, sample }) => op.samples.indexOf(sample) < 2);

test.each(fewSamples)(
  '$opType, $name: what is built runs as promised, what is refused is named',
  async (one) => {
    const { op, sample } = one;
    for (const given of variantsOf(sample)) {
      const graph = build(op, sample, given);
      if (!graph) continue;
      const feeds = Object.fromEntries(
        given.map((input, index) => [`x${index}`, dataFor(input, sample.inputs[index]?.dtype)]),
      );
      const results = await run(graph, feeds);
      if (!results) continue;
      graph.outputs.forEach(({ dtype, shape }, index) => {
        const result = results[`y${index}`]!;
        const promised = shape.map((dim, axis) => (typeof dim === 'number' ? dim : result.shape[axis]));
        expect(`${result.dtype}${formatShape(result.shape)}`).toBe(`${dtype}[${promised.join()}]`);
      });
    }
  },
);

/** Null where the op exists for such inputs, but ONNX Runtime has no kernel for it. */
async function run(graph: Graph, feeds: Record<string, Tensor>): Promise<Record<string, Tensor> | null> {
  try {
    const session = await Session.create(writeModel(graph));
    const results = await session.run(feeds);
    await session.close();
    return results;
  } catch (error) {
    if (String(error).includes('Could not find an implementation')) return null;
    throw error;
  }
}

describe('options that do not fit', () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [2, 3]);
  const text = graph.input('text', 'string', [2]);
  const ids = graph.input('ids', 'int64', [2]);
  const count = graph.input('count', 'int64', []);

  test.each<[string, () => unknown, string]>([
    ['reshape twice open', () => reshape(x, [-1, -1]), 'Reshape(x float32[2,3]'],
    ['reshape to a fraction', () => reshape(x, [2.5, -1]), 'Reshape(x float32[2,3]'],
    ['reshape to other sizes', () => reshape(x, [4, -1]), 'cannot take the shape [4,-1]'],
    ['reshape to a negative size', () => reshape(x, [-2, 3]), 'cannot take the shape [-2,3]'],
    ['unsqueeze at one place twice', () => unsqueeze(x, [1, 1]), 'Unsqueeze(x float32[2,3]'],
    ['unsqueeze beyond the rank', () => unsqueeze(x, [3]), 'axis 3 is outside rank 3'],
    ['squeeze what is not 1', () => squeeze(x, [0]), 'Squeeze(x float32[2,3]'],
    ['sum over one axis twice', () => reduceSum(x, [1, -1]), 'ReduceSum(x float32[2,3]'],
    ['sum over an axis that is not there', () => reduceSum(x, [2]), 'axis 2 is outside rank 2'],
    ['mean over an axis that is not there', () => reduceMean(x, [-3]), 'ReduceMean(x float32[2,3])'],
    ['transpose by what is no order', () => transpose(x, [0, 0]), 'Transpose(x float32[2,3])'],
    ['split into other sizes', () => split(x, { axis: 1, sizes: [1, 1] }), 'Split(x float32[2,3]'],
    ['split along no axis', () => split(x, { axis: 2, sizes: [3] }), 'Split(x float32[2,3]'],
    ['split into less than nothing', () => split(x, { axis: 1, sizes: [-1, 4] }), 'Split(x float32[2,3]'],
    ['slice beyond the end', () => slice(x, { axis: 1, start: 1, end: 4 }), 'Slice(x float32[2,3]'],
    ['slice along no axis', () => slice(x, { axis: 2, start: 0, end: 1 }), 'Slice(x float32[2,3]'],
    ['pad with less than nothing', () => pad(x, { axis: 0, before: -1, after: 2 }), 'Pad(x float32[2,3]'],
    ['pad along no axis', () => pad(x, { axis: 2, before: 1, after: 0 }), 'Pad(x float32[2,3]'],
    ['gather along no axis', () => gather(x, ids, 2), 'Gather(x float32[2,3], ids int64[2]): axis 2'],
    ['gather at fractions', () => gather(x, x), 'Gather(x float32[2,3], x float32[2,3]): indices must be'],
    ['normalize a scalar', () => layerNormalization(reduceSum(x), x, { bias: x }), 'LayerNormalization('],
    ['look up numbers', () => labelEncoder(ids, new Map([['a', 1]]), 0), 'LabelEncoder(ids int64[2])'],
    [
      'gemm with a bias too long',
      () => gemm(x, x, { transB: true, c: gather(x, ids) }),
      'Gemm(x float32[2,3]',
    ],
    ['add up text', () => mul(text, text), 'Mul(text string[2], text string[2]): input 0 must be float32'],
    ['halve whole numbers', () => mul(ids, 0.5), '0.5 is no int64'],
    [
      'loop that leaves another state',
      () => loop(count, [x], ({ state: [value] }) => ({ state: [reduceSum(value!)], reports: [] })),
      'Loop: state 0 enters as x float32[2,3], leaves as',
    ],
  ])('%s', (_name, act, message) => {
    expect(act).toThrow(GraphError);
    expect(act).toThrow(message);
  });
});

describe('a gradient that does not exist is refused by name', () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [2, 3, 1]);
  const ids = graph.input('ids', 'int32', [3]);
  const inputs = (gates: number) => ({
    x_TBI: x,
    kernel: graph.zeros('float32', [1, gates, 1]),
    recurrent: graph.zeros('float32', [1, gates, 1]),
    bias: graph.zeros('float32', [1, 2 * gates]),
    lengths_B: ids,
  });

  test.each<[string, () => Value, string]>([
    ['RNN', () => rnn(inputs(1), 1).last, 'RNN(x float32[2,3,1], '],
    ['GRU', () => gru(inputs(3), 1).all, 'GRU(x float32[2,3,1], '],
    ['LSTM', () => lstm(inputs(4), 1).all, 'LSTM(x float32[2,3,1], '],
    [
      'Gather',
      () => gather(x, ids, 1),
      'Gather(x float32[2,3,1], ids int32[3]): the gradient is known along axis 0',
    ],
  ])('%s', (_name, make, message) => {
    const loss = reduceSum(make());
    expect(() => gradients(loss, [x])).toThrow(GraphError);
    expect(() => gradients(loss, [x])).toThrow(message);
  });
});
