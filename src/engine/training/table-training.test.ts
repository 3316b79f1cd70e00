import { type Tensor, tensorOf, toNumbers, type Value } from '../onnx';
import {
  adam,
  binaryCrossEntropy,
  dense,
  dropout,
  embedding,
  embeddingBag,
  Random,
  type Scope,
  sgd,
  zeros,
} from '../nn';
import {
  add,
  cast,
  concat,
  gather,
  mul,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  squeeze,
  transpose,
} from '../ops';
import { ForwardProgram } from './forward-program';
import { type TrainingRecipe } from './training-graph';
import { type Chunk, TrainingProgram } from './training-program';

const [B, T] = [4, 3];
const [ITEMS, WORDS] = [200, 60];
type Input = 'items' | 'candidate' | 'words';

/**
 * A table that is looked up twice, by ids that are computed from an input; a bag; positions, whose ids are constants;
 * and a table with fewer rows than lookups, which is trained whole.
 */
function model(scope: Scope, { items, candidate, words }: Readonly<Record<Input, Value>>): Value {
  const { graph } = items;
  const itemScope = scope.in('items');
  const table = { count: ITEMS, width: 4, decays: true };
  const shifted_TB = add(transpose(items, [1, 0]), graph.constant(tensorOf('int32', [1], [1])));
  const history_BE = reduceSum(embedding(itemScope, shifted_TB, table), [0]);
  const candidate_BE = embedding(itemScope, cast(candidate, 'int64'), table);
  const bag_BE = embeddingBag(scope.in('words'), words, { count: WORDS, width: 3 });
  const place_E = reduceSum(embedding(scope.in('places'), graph.ints([5, 1]), { count: 7, width: 4 }), [0]);
  const parity = gather(graph.constant(tensorOf('int32', [2], [0, 1])), mul(words, 0));
  const few_BE = reduceSum(embedding(scope.in('few'), parity, { count: 3, width: 2 }), [1]);
  const joined = concat([mul(history_BE, candidate_BE), add(history_BE, place_E), bag_BE, few_BE], 1);
  const hidden = dropout(scope.in('dropout'), relu(dense(scope.in('hidden'), joined, { units: 5 })), 0.2);
  return squeeze(dense(scope.in('logit'), hidden, { units: 1 }), [1]);
}

const recipe: TrainingRecipe<Input | 'labels'> = {
  inputs: {
    items: { dtype: 'int32', shape: [B, T] },
    candidate: { dtype: 'int32', shape: [B] },
    words: { dtype: 'int32', shape: [B, 2] },
    labels: { dtype: 'float32', shape: [B] },
  },
  loss: (scope, inputs) => reduceMean(binaryCrossEntropy(model(scope, inputs), inputs.labels), [0]),
  optimizer: adam(),
  l2: 1e-3,
  weightDecay: 1e-2,
  clipNorm: 0.5,
  averaging: 0.9,
};

function chunk(steps: number, from = 0): Chunk<Input | 'labels'> {
  const inputs = {
    items: new Int32Array(steps * B * T),
    candidate: new Int32Array(steps * B),
    words: new Int32Array(steps * B * 2),
    labels: new Float32Array(steps * B),
  };
  for (let step = 0; step < steps; step += 1) {
    const random = new Random(3, from + step);
    // Squares: some rows come often, others never.
    const fill = (name: Input, below: number): void => {
      const size = inputs[name].length / steps;
      for (let at = step * size; at < (step + 1) * size; at += 1)
        inputs[name][at] = Math.floor(below * random.uniform() ** 2);
    };
    fill('items', ITEMS - 2);
    fill('candidate', ITEMS);
    fill('words', WORDS);
    for (let at = step * B; at < (step + 1) * B; at += 1) inputs.labels[at] = random.below(2);
  }
  return {
    steps,
    inputs,
    learningRates: Float32Array.from({ length: steps }, (_, step) => 0.1 / (1 + from + step)),
  };
}

describe('tables trained row by row', () => {
  test('end with the same bits wherever chunks and calls are cut, and wherever a run is taken up', async () => {
    const steps = 24;
    const program = await TrainingProgram.compile(recipe, { seed: 5, threads: 2 });
    const whole = await program.run(program.initialState(1), chunk(steps));
    const expected = program.stateToBytes(whole.state);
    expect(Object.keys(whole.state.tables)).toEqual(['items.table', 'words.table', 'places.table']);
    for (const carriedNumbers of [1, 300, 1000]) {
      const other = await TrainingProgram.compile(recipe, { seed: 5, threads: 2, carriedNumbers });
      for (const cuts of [[24], [1, 10, 13], [7, 17]]) {
        let state = other.initialState(1);
        const losses: number[] = [];
        for (const cut of cuts) {
          const result = await other.run(state, chunk(cut, losses.length));
          state = other.stateFromBytes(other.stateToBytes(result.state));
          losses.push(...result.losses);
        }
        expect(losses).toEqual([...whole.losses]);
        expect(Buffer.compare(other.stateToBytes(state), expected)).toBe(0);
      }
      await other.close();
    }
    await program.close();
  });

  test('leave rows that no step looks up as they are, to the bit', async () => {
    const program = await TrainingProgram.compile({ ...recipe, averaging: 0 }, { seed: 5 });
    const first = program.weights(program.initialState(1));
    const data = chunk(6);
    const { state } = await program.run(program.initialState(1), data);
    const trained = program.weights(state);
    const lookedUp = new Set([...data.inputs.items].map((id) => id + 1).concat(...data.inputs.candidate));
    const changed = (name: string): number[] => {
      const [before, after] = [first.get(name)!, trained.get(name)!];
      const [count, width] = before.shape as [number, number];
      const row = ({ data: numbers }: typeof before, index: number) =>
        numbers.subarray(index * width, (index + 1) * width).join();
      return Array.from({ length: count }, (_, index) => index).filter(
        (index) => row(before, index) !== row(after, index),
      );
    };
    expect(changed('items.table')).toEqual([...lookedUp].sort((a, b) => a - b));
    expect(changed('places.table')).toEqual([1, 5]);
    // Words are a bag, in which 0 is padding: looked up, and not moved by a gradient of 0.
    const words = new Set(data.inputs.words);
    expect(changed('words.table').every((index) => words.has(index))).toBe(true);
    await program.close();
  });

  test('a forward program answers as the weights say, for each of several', async () => {
    const program = await TrainingProgram.compile(recipe, { seed: 5 });
    const before = program.weights(program.initialState(1));
    const { state } = await program.run(program.initialState(1), chunk(10));
    const after = program.weights(state);
    const forward = await ForwardProgram.compile({
      inputs: {
        items: { dtype: 'int32', shape: ['N', T] },
        candidate: { dtype: 'int32', shape: ['N'] },
        words: { dtype: 'int32', shape: ['N', 2] },
      },
      outputs: (scope, inputs) => ({ logits: model(scope, inputs) }),
    });
    const { inputs } = chunk(2, 50);
    const examples: Record<Input, Tensor> = {
      items: { dtype: 'int32', shape: [2 * B, T], data: inputs.items as Int32Array },
      candidate: { dtype: 'int32', shape: [2 * B], data: inputs.candidate as Int32Array },
      words: { dtype: 'int32', shape: [2 * B, 2], data: inputs.words as Int32Array },
    };
    const answers: number[][] = [];
    for (const weights of [before, after, after, before, new Map(after)])
      answers.push(toNumbers((await forward.run(weights, examples))['logits']!));
    expect(answers[2]).toEqual(answers[1]);
    expect(answers[4]).toEqual(answers[1]);
    expect(answers[3]).toEqual(answers[0]);
    expect(answers[1]).not.toEqual(answers[0]);
    const without = new Map(after);
    without.delete('items.table');
    await expect(forward.run(without, examples)).rejects.toThrow('there is no weight items.table');
    await forward.close();
    await program.close();
  });
});

describe('a state with tables', () => {
  test('stays as it was when a later call of the chunk yields NaN', async () => {
    const program = await TrainingProgram.compile(recipe, { seed: 5, carriedNumbers: 1 });
    const { state } = await program.run(program.initialState(1), chunk(3));
    const before = program.stateToBytes(state);
    const bad = chunk(5, 3);
    bad.inputs.labels[4 * B + 1] = NaN;
    await expect(program.run(state, bad)).rejects.toMatchObject({
      code: 'TRAINING_FAILED',
      message: expect.stringContaining('step 8: the loss is NaN, because the input labels') as string,
    });
    expect(program.stateToBytes(state)).toEqual(before);
    await expect(program.run(state, chunk(5, 3))).resolves.toMatchObject({ state: { step: 8 } });
    await program.close();
  });

  const held = 'step 3: the state after it is not finite (rows of items.table), because';
  test.each([
    ['was spoilt', [NaN, 0, 4], `${held} parameters of items.table held NaN or infinity before it`],
    [
      'has an infinite moment',
      [Infinity, 4, 8],
      `${held} mean of items.table held NaN or infinity before it`,
    ],
    [
      'is far too large',
      [1e30, 0, 4],
      "step 5: the gradient's norm is Infinity. It began with ReduceSumSquare",
    ],
  ] as const)('stays as it was, and the message says why, when a row %s', async (_name, spoilt, message) => {
    const program = await TrainingProgram.compile(recipe, { seed: 5 });
    const { state } = await program.run(program.initialState(1), chunk(2));
    const data = chunk(4, 2);
    // Row 7 is the first candidate of the third step, and comes nowhere else.
    const { candidate, items } = data.inputs;
    candidate.forEach((id, at) => (candidate[at] = at === 2 * B ? 7 : id === 7 ? 8 : id));
    items.forEach((id, at) => (items[at] = id === 6 ? 8 : id));
    const table = state.tables['items.table']!;
    const [number, from, to] = spoilt;
    table.read().fill(number, 7 * table.width + from, 7 * table.width + to);
    const before = program.stateToBytes(state);
    await expect(program.run(state, data)).rejects.toThrow(message);
    expect(program.stateToBytes(state)).toEqual(before);
    await program.close();
  });

  test('is spent when it was trained on, and says so', async () => {
    const program = await TrainingProgram.compile(recipe, { seed: 5 });
    const state = program.initialState(1);
    const next = await program.run(state, chunk(1));
    await expect(program.run(state, chunk(1))).rejects.toThrow('go on from the one that came of it');
    expect(() => program.weights(state)).toThrow('go on from the one that came of it');
    await expect(program.run(next.state, chunk(1, 1))).resolves.toBeDefined();
    await program.close();
  });

  test('gives weights that training does not write to', async () => {
    const program = await TrainingProgram.compile(recipe, { seed: 5 });
    const { state } = await program.run(program.initialState(1), chunk(2));
    const weights = program.weights(state);
    const before = new Map(Array.from(weights, ([name, { data }]) => [name, data.slice()]));
    await program.run(state, chunk(4, 2));
    for (const [name, { data }] of weights) expect(data).toEqual(before.get(name));
    await program.close();
  });

  test('passes on to a program of the same tables only', async () => {
    const program = await TrainingProgram.compile(recipe, { seed: 5 });
    const other = await TrainingProgram.compile({ ...recipe, averaging: 0 }, { seed: 5 });
    const bytes = program.stateToBytes(program.initialState(1));
    expect(() => other.stateFromBytes(bytes)).toThrow('it belongs to a model with other parameters');
    await program.close();
    await other.close();
  });
});

describe('ids', () => {
  const compile = (ids: (scope: Scope, x: Value) => Value): Promise<TrainingProgram<'x'>> =>
    TrainingProgram.compile(
      {
        inputs: { x: { dtype: 'int32', shape: [2] } },
        loss: (scope, { x }) =>
          reduceSum(scope.lookup('table', ids(scope, x), { count: 9, width: 2, initializer: zeros })),
        optimizer: sgd(),
      },
      { seed: 1 },
    );

  test('that are no rows of the table are refused, and change nothing', async () => {
    const program = await compile((_scope, x) => add(x, x.graph.constant(tensorOf('int32', [1], [5]))));
    const state = program.initialState(1);
    const run = (x: number[]) =>
      program.run(state, { steps: 2, inputs: { x: Int32Array.from(x) }, learningRates: [1, 1] });
    await expect(run([0, 1, 2, 4])).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: 'the id 9 is none of the 9 rows of table',
    });
    const { state: next } = await run([0, 1, 0, 3]);
    const moved = toNumbers(program.weights(next).get('table')!);
    expect(moved).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -2, -2, -1, -1, 0, 0, -1, -1]);
    await program.close();
  });

  test('that depend on what is drawn are refused when the program is built', async () => {
    const dependent = compile((scope, x) => add(x, cast(mul(scope.noise('noise', [2]), 5), 'int32')));
    await expect(dependent).rejects.toThrow('ids of lookups must follow from the inputs of a step');
  });

  test('may come in any rank', async () => {
    const program = await compile((_scope, x) => reshape(x, [1, 2, 1]));
    const result = await program.run(program.initialState(1), {
      steps: 1,
      inputs: { x: Int32Array.of(3, 3) },
      learningRates: [0.5],
    });
    expect(toNumbers(program.weights(result.state).get('table')!).slice(6, 8)).toEqual([-1, -1]);
    expect(result.gradientNorms[0]).toBeCloseTo(Math.sqrt(8), 5);
    await program.close();
  });
});
