import { type Tensor, tensorOf, toNumbers, type Value, Graph, writeModel } from '../onnx';
import {
  adam,
  batchNorm,
  binaryCrossEntropy,
  constantScope,
  dense,
  dropout,
  Random,
  type Scope,
  sequenceBatchNorm,
  maskSequence,
  meanOverTime,
  zeros,
} from '../nn';
import { add, reduceMean, relu, sigmoid, squeeze, sub } from '../ops';
import { Session } from '../runtime';
import { ForwardProgram } from './forward-program';
import { estimateTraining } from './memory';
import { type TrainingRecipe } from './training-graph';
import { type Chunk, TrainingProgram } from './training-program';

const [B, T, I, H] = [6, 3, 2, 4];
type Input = 'x' | 'lengths';

/** Normalized sequences, pooled, normalized again: two layers that keep running statistics. */
function model(scope: Scope, { x, lengths }: Readonly<Record<Input, Value>>): Value {
  const events = sequenceBatchNorm(scope.in('events'), maskSequence(x, lengths), lengths);
  const hidden = dense(scope.in('hidden'), meanOverTime(events, lengths), { units: H });
  const normal = dropout(scope.in('dropout'), relu(batchNorm(scope.in('norm'), hidden)), 0.2);
  return squeeze(dense(scope.in('logit'), normal, { units: 1 }), [1]);
}

const recipe: TrainingRecipe<Input | 'labels'> = {
  inputs: {
    x: { dtype: 'float32', shape: [T, B, I] },
    lengths: { dtype: 'int32', shape: [B] },
    labels: { dtype: 'float32', shape: [B] },
  },
  loss: (scope, inputs) => reduceMean(binaryCrossEntropy(model(scope, inputs), inputs.labels), [0]),
  optimizer: adam(),
  averaging: 0.9,
};

function chunk(steps: number, from = 0): Chunk<Input | 'labels'> {
  const x = new Float32Array(steps * T * B * I);
  const lengths = new Int32Array(steps * B);
  const labels = new Float32Array(steps * B);
  for (let step = 0; step < steps; step += 1) {
    const random = new Random(9, from + step);
    for (let at = 0; at < T * B * I; at += 1) x[step * T * B * I + at] = 3 + 2 * random.normal();
    for (let b = 0; b < B; b += 1) {
      lengths[step * B + b] = random.below(T + 1);
      labels[step * B + b] = random.below(2);
    }
  }
  return { steps, inputs: { x, lengths, labels }, learningRates: new Float32Array(steps).fill(0.01) };
}

const BUFFERS = ['events.mean', 'events.variance', 'norm.mean', 'norm.variance'];

test('a run resumed from any checkpoint ends with the bits of one that never stopped', async () => {
  const program = await TrainingProgram.compile(recipe, { seed: 3 });
  const steps = 12;
  const whole = await program.run(program.initialState(1), chunk(steps));
  for (let stop = 1; stop < steps; stop += 1) {
    const { state } = await program.run(program.initialState(1), chunk(stop));
    const resumed = program.stateFromBytes(program.stateToBytes(state));
    const rest = await program.run(resumed, chunk(steps - stop, stop));
    expect(rest.state).toEqual(whole.state);
    expect(rest.losses).toEqual(whole.losses.subarray(stop));
  }
  await program.close();
});

test('buffers are among the weights as they are, not averaged', async () => {
  const program = await TrainingProgram.compile(recipe, { seed: 3 });
  const first = program.initialState(1);
  expect(toNumbers(program.weights(first).get('norm.variance')!)).toEqual(Array<number>(H).fill(1));
  const { state } = await program.run(first, chunk(20));
  const weights = program.weights(state);
  const kept = BUFFERS.flatMap((name) => toNumbers(weights.get(name)!));
  expect(kept).toEqual(Array.from(state.tensors['buffers']!));
  expect(weights.get('norm.scale')!.data).not.toEqual(new Float32Array(H).fill(1));
  // The events have mean 3 and variance 4; 20 steps leave 0.9²⁰ of the first estimate, 12 %.
  for (const mean of toNumbers(weights.get('events.mean')!)) expect(Math.abs(mean - 3)).toBeLessThan(1);

  const next = await TrainingProgram.compile(recipe, { seed: 3 });
  expect(next.initialState(5, weights).tensors['buffers']).toEqual(state.tensors['buffers']);
  await program.close();
  await next.close();
});

test('the forward program and the exported graph find them by name, and agree', async () => {
  const program = await TrainingProgram.compile(recipe, { seed: 3 });
  const { state } = await program.run(program.initialState(1), chunk(20));
  const weights = program.weights(state);
  await program.close();

  const inputs: Record<Input, Tensor> = {
    x: tensorOf('float32', [T, 2, I], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
    lengths: tensorOf('int32', [2], [3, 1]),
  };
  const forward = await ForwardProgram.compile({
    inputs: {
      x: { dtype: 'float32', shape: [T, 'N', I] },
      lengths: { dtype: 'int32', shape: ['N'] },
    },
    outputs: (scope, values) => ({ logits: model(scope, values) }),
  });
  const { logits } = await forward.run(weights, inputs);
  await forward.close();

  const exported = (await answer(weights, inputs)).logits!;
  toNumbers(exported).forEach((logit, index) => {
    expect(logit).toBeCloseTo(toNumbers(logits!)[index]!, 6);
  });
  // They matter: the same weights with other statistics answer otherwise.
  const other = new Map(weights).set('norm.mean', weights.get('norm.bias')!);
  expect(toNumbers((await answer(other, inputs)).logits!)).not.toEqual(toNumbers(logits!));
});

async function answer(
  weights: ReadonlyMap<string, Tensor<'float32'>>,
  inputs: Record<Input, Tensor>,
): Promise<Readonly<Record<string, Tensor>>> {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [T, 'N', I]);
  const lengths = graph.input('lengths', 'int32', ['N']);
  graph.output('logits', model(constantScope(graph, weights), { x, lengths }));
  const session = await Session.create(writeModel(graph));
  const results = await session.run(inputs);
  await session.close();
  return results;
}

describe('a model with a counter', () => {
  const counting = (update: (scope: Scope, x: Value) => Value): TrainingRecipe<'x'> => ({
    inputs: { x: { dtype: 'float32', shape: [2] } },
    loss: (scope, { x }) =>
      reduceMean(sub(update(scope, x), scope.parameter('p', [2], { initializer: zeros })), [0]),
    optimizer: adam(),
  });
  const run = async (recipeOf: TrainingRecipe<'x'>, steps = 3): Promise<number[]> => {
    const program = await TrainingProgram.compile(recipeOf, { seed: 1 });
    const x = new Float32Array(2 * steps).fill(2);
    const { state } = await program.run(program.initialState(1), {
      steps,
      inputs: { x },
      learningRates: new Float32Array(steps),
    });
    await program.close();
    return Array.from(state.tensors['buffers']!);
  };

  test('finds what the step before left; what is not updated stays', async () => {
    const recipeOf = counting((scope, x) => {
      const total = scope.buffer('total', [2], zeros);
      scope.buffer('fixed', [1], () => Float32Array.of(7));
      total.update(add(total.value, x));
      return add(x, total.value);
    });
    expect(await run(recipeOf)).toEqual([6, 6, 7]);
  });

  test('that is never updated stays', async () => {
    expect(
      await run(counting((scope, x) => add(x, scope.buffer('fixed', [], () => Float32Array.of(7)).value))),
    ).toEqual([7]);
  });

  test.each<[string, (scope: Scope, x: Value) => Value, string]>([
    [
      'updated twice',
      (scope, x) => {
        const total = scope.buffer('total', [2], zeros);
        total.update(x);
        total.update(x);
        return x;
      },
      'the buffer total is updated twice in one step',
    ],
    [
      'updated with another shape',
      (scope, x) => {
        scope.in('layer').buffer('total', [3], zeros).update(x);
        return x;
      },
      'the buffer layer.total is layer.total float32[3], its update x float32[2]',
    ],
    [
      "under a parameter's name",
      (scope) => add(scope.parameter('p', [2], { initializer: zeros }), scope.buffer('p', [2], zeros).value),
      'the buffer p is there twice',
    ],
  ])('is refused when it is %s', async (_name, update, message) => {
    await expect(run(counting(update))).rejects.toThrow(message);
  });
});

test('a checkpoint with other buffers is refused', async () => {
  const withBuffer = (name: string): TrainingRecipe<'x'> => ({
    inputs: { x: { dtype: 'float32', shape: [2] } },
    loss: (scope, { x }) => {
      const kept = scope.buffer(name, [2], zeros);
      return reduceMean(add(add(kept.value, x), scope.parameter('p', [2], { initializer: zeros })), [0]);
    },
    optimizer: adam(),
  });
  const [one, other] = await Promise.all(
    ['a', 'b'].map((name) => TrainingProgram.compile(withBuffer(name), { seed: 1 })),
  );
  const bytes = one!.stateToBytes(one!.initialState(1));
  expect(() => other!.stateFromBytes(bytes)).toThrow('it belongs to a model with other parameters');
  expect(one!.stateFromBytes(bytes)).toEqual(one!.initialState(1));
  await one!.close();
  await other!.close();
});

test('statistics that overflow stop the run, though the loss is a number', async () => {
  const program = await TrainingProgram.compile(
    {
      inputs: { x: { dtype: 'float32', shape: [4, 1] } },
      loss: (scope, { x }) => reduceMean(sigmoid(batchNorm(scope.in('norm'), x)), [0, 1]),
      optimizer: adam(),
    },
    { seed: 1 },
  );
  const x = Float32Array.from({ length: 5 * 4 }, (_, at) => at);
  x[2 * 4] = 1e25;
  await expect(
    program.run(program.initialState(1), { steps: 5, inputs: { x }, learningRates: [1, 1, 1, 1, 1] }),
  ).rejects.toMatchObject({
    code: 'TRAINING_FAILED',
    message: expect.stringContaining(
      'step 3: the state after it is not finite (buffers). It began with',
    ) as string,
  });
  await program.close();
});

test('the memory estimate counts buffers once', () => {
  const { parameters, buffers } = { parameters: 2 * I + (I + 1) * H + 2 * H + H + 1, buffers: 2 * I + 2 * H };
  // Parameters, two moments and their average.
  expect(estimateTraining(recipe).stateBytes).toBe(4 * (4 * parameters + buffers));
});
