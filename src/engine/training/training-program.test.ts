import { concat, relu, squeeze, transpose } from '../ops';
import { type Value } from '../onnx';
import {
  adam,
  binaryCrossEntropy,
  conv1d,
  dense,
  dropout,
  embedding,
  maskSequence,
  Random,
  recurrent,
  type CellKind,
  type Scope,
  weightedMean,
} from '../nn';
import { ForwardProgram } from './forward-program';
import { TrainingProgram } from './training-program';
import { type TrainingRecipe } from './training-graph';

const B = 8;
const T = 5;

interface Batch<V> {
  ids: V;
  lengths: V;
  features: V;
}

/** Embedding → convolution → recurrent → dense, beside plain features. */
function model(scope: Scope, { ids, lengths, features }: Batch<Value>, cell: CellKind): Value {
  const events = embedding(scope.in('events'), transpose(ids, [1, 0]), { count: 6, width: 4 });
  const local = relu(
    conv1d(scope.in('local'), maskSequence(events, lengths), { filters: 6, width: 3, padding: 'causal' }),
  );
  const { last } = recurrent(scope.in('memory'), local, lengths, { cell, units: 7 });
  const joined = dropout(scope.in('dropout'), concat([last, features], 1), 0.2);
  const hidden = relu(dense(scope.in('hidden'), joined, { units: 8 }));
  return squeeze(dense(scope.in('logit'), hidden, { units: 1 }), [1]);
}

function recipe(cell: CellKind): TrainingRecipe<keyof Batch<Value> | 'labels' | 'weights'> {
  return {
    inputs: {
      ids: { dtype: 'int32', shape: [B, T] },
      lengths: { dtype: 'int32', shape: [B] },
      features: { dtype: 'float32', shape: [B, 3] },
      labels: { dtype: 'float32', shape: [B] },
      weights: { dtype: 'float32', shape: [B] },
    },
    loss: (scope, inputs) =>
      weightedMean(binaryCrossEntropy(model(scope, inputs, cell), inputs.labels), inputs.weights),
    optimizer: adam(),
    l2: 1e-4,
    clipNorm: 5,
  };
}

/** Positive where event 2 came before event 3: a task of order. */
function chunk(steps: number, from = 0) {
  const inputs = {
    ids: new Int32Array(steps * B * T),
    lengths: new Int32Array(steps * B),
    features: new Float32Array(steps * B * 3),
    labels: new Float32Array(steps * B),
    weights: new Float32Array(steps * B).fill(1),
  };
  for (let row = 0; row < steps * B; row += 1) {
    const random = new Random(3, from * B + row);
    const length = random.below(T + 1);
    inputs.lengths[row] = length;
    for (let t = 0; t < length; t += 1) inputs.ids[row * T + t] = 2 + random.below(4);
    const [two, three] = [2, 3].map((id) =>
      Array.from(inputs.ids.subarray(row * T, row * T + length)).indexOf(id),
    );
    inputs.labels[row] = Number(two! >= 0 && three! > two!);
    for (let f = 0; f < 3; f += 1) inputs.features[row * 3 + f] = random.normal();
  }
  return { steps, inputs, learningRates: new Float32Array(steps).fill(0.01) };
}

const mean = (numbers: Float32Array): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;

describe.each(['rnn', 'gru', 'lstm'] as const)('training a network with a %s', (cell) => {
  test('learns, resumes to the same bits, and infers what it trained', async () => {
    const program = await TrainingProgram.compile(recipe(cell), { seed: 5, threads: 2 });
    const whole = await program.run(program.initialState(1), chunk(300));
    expect(mean(whole.losses.subarray(0, 20))).toBeGreaterThan(1.5 * mean(whole.losses.subarray(280)));

    const first = await program.run(program.initialState(1), chunk(120));
    const saved = program.stateFromBytes(program.stateToBytes(first.state));
    const second = await program.run(saved, chunk(180, 120));
    expect(second.state.step).toBe(300);
    expect(second.losses).toEqual(whole.losses.subarray(120));
    expect(second.state.tensors).toEqual(whole.state.tensors);

    const weights = program.weights(whole.state);
    const forward = await ForwardProgram.compile({
      inputs: {
        ids: { dtype: 'int32', shape: ['N', T] },
        lengths: { dtype: 'int32', shape: ['N'] },
        features: { dtype: 'float32', shape: ['N', 3] },
      },
      outputs: (scope, inputs) => ({ logits: model(scope, inputs, cell) }),
    });
    const { inputs } = chunk(4, 1000);
    const { logits } = await forward.run(weights, {
      ids: { dtype: 'int32', shape: [4 * B, T], data: inputs.ids },
      lengths: { dtype: 'int32', shape: [4 * B], data: inputs.lengths },
      features: { dtype: 'float32', shape: [4 * B, 3], data: inputs.features },
    });
    const right = Array.from(logits!.data as Float32Array, (z, row) =>
      Number(z > 0 === inputs.labels[row]! > 0.5),
    );
    expect(right.reduce((a, b) => a + b) / right.length).toBeGreaterThan(0.8);
  });
});

describe('a step that is not a number', () => {
  const linear: TrainingRecipe<'x' | 'y'> = {
    inputs: { x: { dtype: 'float32', shape: [4, 2] }, y: { dtype: 'float32', shape: [4] } },
    loss: (scope, { x, y }) => {
      const logits = squeeze(dense(scope.in('only'), x, { units: 1 }), [1]);
      return weightedMean(binaryCrossEntropy(logits, y), y.graph.constant(ones));
    },
    optimizer: adam(),
  };
  const ones = { dtype: 'float32' as const, shape: [4], data: new Float32Array(4).fill(1) };

  test('stops the run, named with its input, and leaves the state as it was', async () => {
    const program = await TrainingProgram.compile(linear, { seed: 1 });
    const state = program.initialState(1);
    const before = program.stateToBytes(state);
    const x = new Float32Array(5 * 8).fill(1);
    x[3 * 8 + 5] = NaN;
    const y = new Float32Array(5 * 4).fill(1);
    await expect(
      program.run(state, { steps: 5, inputs: { x, y }, learningRates: new Float32Array(5).fill(0.1) }),
    ).rejects.toMatchObject({
      code: 'TRAINING_FAILED',
      message: 'step 4: the loss is NaN, because the input x holds NaN or infinity',
    });
    expect(program.stateToBytes(state)).toEqual(before);
  });

  test('a checkpoint of another model is refused', async () => {
    const program = await TrainingProgram.compile(linear, { seed: 1 });
    const other = await TrainingProgram.compile(recipe('rnn'), { seed: 1 });
    const bytes = other.stateToBytes(other.initialState(1));
    expect(() => program.stateFromBytes(bytes)).toThrow('it belongs to a model with other parameters');
    const own = program.stateToBytes(program.initialState(1));
    expect(() => program.stateFromBytes(own.subarray(0, own.length - 3))).toThrow('it is cut off');
    expect(() => program.stateFromBytes(new Uint8Array(40))).toThrow('it is not a training state');
  });
});
