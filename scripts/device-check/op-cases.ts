import { Graph, tensorOf, type Tensor, type Value } from '../../src/engine/onnx';
import { add, cast, labelEncoder, loop, mul } from '../../src/engine/ops';
import { type Device, Session } from '../../src/engine/runtime';
import { type SampleGraph, sampleGraph, withGradients } from '../../test/support/central-differences';
import { opSamples } from '../../test/support/op-definitions';
import { type Computed, type DeviceCase, GRADIENTS, SINES, VALUES } from './device-case';

/** Every sample of every op in single precision, with gradients where there are any, and what has no samples. */
export function opCases(): DeviceCase[] {
  const seen = new Map<string, number>();
  const sampled = opSamples.map(({ op, opType, sample }): DeviceCase => {
    const title = `${opType}, ${sample.name}`;
    const times = (seen.get(title) ?? 0) + 1;
    seen.set(title, times);
    const isDifferentiable = op.gradient !== null && !sample.expected;
    return {
      kind: 'op',
      name: times === 1 ? title : `${title} (${times})`,
      size: 'small',
      compute: (device) => {
        const built = sampleGraph({ ...sample, float32: true });
        return run(isDifferentiable ? withGradients(built) : built, device, tolerances(opType));
      },
    };
  });
  return [...sampled, doublePrecision, categories, carriedState];
}

export interface Tolerances {
  readonly values: number;
  readonly gradients: number;
}

function tolerances(opType: string): Tolerances {
  return opType === 'Sin' || opType === 'Cos'
    ? { values: SINES, gradients: SINES }
    : { values: VALUES, gradients: VALUES };
}

/** All outputs of a graph; names that begin with `d.` are gradients. */
export async function run(
  { graph, feeds }: Pick<SampleGraph, 'graph' | 'feeds'>,
  device: Device,
  tolerance: Tolerances = { values: VALUES, gradients: GRADIENTS },
): Promise<Computed> {
  const session = await Session.compile(graph, { device });
  try {
    const outputs = Object.entries(await session.run(feeds));
    return Object.fromEntries(
      outputs.map(([name, tensor]) => [
        name,
        { tensor, tolerance: name.startsWith('d.') ? tolerance.gradients : tolerance.values },
      ]),
    );
  } finally {
    await session.close();
  }
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index / 3 - 1);

/** GPUs have no doubles: computed on the CPU, to the bit. */
const doublePrecision: DeviceCase = {
  kind: 'op',
  name: 'Mul and Add, in double precision',
  size: 'small',
  compute: (device) => {
    const graph = new Graph();
    const x = graph.input('x', 'float64', [6]);
    graph.output('y', add(mul(x, x), 1));
    return run({ graph, feeds: { x: tensorOf('float64', [6], numbers(6)) } }, device, {
      values: 1e-15,
      gradients: 0,
    });
  },
};

const categories: DeviceCase = {
  kind: 'op',
  name: 'LabelEncoder, texts to numbers',
  size: 'small',
  compute: (device) => {
    const graph = new Graph();
    const vocabulary = new Map([
      ['red', 2],
      ['blue', 3],
    ]);
    const ids = labelEncoder(graph.input('text', 'string', [3]), vocabulary, 1);
    graph.output('y', mul(cast(ids, 'float32'), 0.5));
    const text: Tensor = { dtype: 'string', shape: [3], data: ['blue', 'green', 'red'] };
    return run({ graph, feeds: { text } }, device);
  },
};

const carriedState: DeviceCase = {
  kind: 'op',
  name: 'Loop, with carried state and reports',
  size: 'small',
  compute: (device) => {
    const graph = new Graph();
    const { state, reports } = loop(
      graph.input('times', 'int64', []),
      [graph.input('x', 'float32', [4])],
      ({ iteration, state: [x] }) => {
        const next = add(mul(x as Value, 0.5), cast(iteration, 'float32'));
        return { state: [next], reports: [mul(next, 2)] };
      },
    );
    graph.output('y', state[0] as Value);
    graph.output('reports', reports[0] as Value);
    return run(
      { graph, feeds: { x: tensorOf('float32', [4], numbers(4)), times: tensorOf('int64', [], [5]) } },
      device,
    );
  },
};
