import { type Tensor, type Value } from '../onnx';
import { adam, dense, ones, type Optimizer, recurrent, type Scope, sgd, type Weights, zeros } from '../nn';
import {
  add,
  div,
  exp,
  less,
  mul,
  reduceMean,
  reduceSum,
  softmax,
  sqrt,
  sub,
  transpose,
  where,
} from '../ops';
import { TrainingProgram } from './training-program';
import { type TrainingState } from './training-state';

const B = 4;
const I = 2;

interface Case {
  /** A scalar from x [B,I]. */
  loss(scope: Scope, x: Value): Value;
  /** One per step; all ones unless given. */
  batches?: readonly (readonly number[])[];
  optimizer?: Optimizer;
  learningRate?: number;
  weights?: Record<string, Tensor<'float32'>>;
  /** What the state is before the first step. */
  begin?(state: TrainingState): TrainingState;
}

/** Runs a chunk and gives the message that it fails with. */
async function failure(given: Case): Promise<string> {
  const { batches = [Array<number>(B * I).fill(1)], optimizer = sgd(), learningRate = 0.1 } = given;
  const program = await TrainingProgram.compile(
    {
      inputs: { x: { dtype: 'float32', shape: [B, I] } },
      loss: (scope, { x }) => given.loss(scope, x),
      optimizer,
    },
    { seed: 1 },
  );
  const weights: Weights = new Map(Object.entries(given.weights ?? {}));
  const first = program.initialState(1, weights);
  const state = given.begin?.(first) ?? first;
  const before = Buffer.from(program.stateToBytes(state));
  const chunk = {
    steps: batches.length,
    inputs: { x: Float32Array.from(batches.flat()) },
    learningRates: batches.map(() => learningRate),
  };
  const error: unknown = await program.run(state, chunk).then(
    () => null,
    (reason: unknown) => reason,
  );
  await program.close();
  expect(error).toMatchObject({ code: 'TRAINING_FAILED' });
  expect(Buffer.compare(before, program.stateToBytes(state))).toBe(0);
  return (error as Error).message;
}

const floats = (shape: number[], ...data: number[]): Tensor<'float32'> => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
});
const hidden = (scope: Scope, x: Value): Value => dense(scope.in('hidden'), x, { units: 1 });
const REMEDY = 'A lower learning rate or gradient clipping helps';

describe('a step that stops being a number is named with the tensor that it began with', () => {
  test('an exponential that overflows', async () => {
    const message = await failure({
      loss: (scope, x) => reduceMean(exp(hidden(scope, x)), [0, 1]),
      weights: { 'hidden.kernel': floats([I, 1], 50, 50) },
    });
    expect(message).toBe(
      'step 1: the loss is Infinity. It began with Exp float32[4,1] computed from hidden: ' +
        `4 infinite of 4 numbers, from inputs within [100.0, 100.0]. ${REMEDY}`,
    );
  });

  test('a division by zero within a layer', async () => {
    const message = await failure({
      loss: (scope, x) => {
        const scale = scope.in('block').in('rescale').parameter('scale', [I], { initializer: zeros });
        return reduceSum(exp(div(mul(hidden(scope, x), x), scale)));
      },
      batches: [
        [1, -2, 0, 0, 1, 1, 1, 1],
        [1, 1, 1, 1, 1, 1, 1, 1],
      ],
      weights: { 'hidden.kernel': floats([I, 1], 1, 1) },
    });
    expect(message).toBe(
      'step 1: the loss is NaN. It began with Div float32[4,2] in block.rescale: ' +
        `2 NaN and 6 infinite of 8 numbers, from inputs within [-1.000, 2.000]. ${REMEDY}`,
    );
  });

  test('an input, in the middle of a chunk and of a run', async () => {
    const batches = [1, 2, 3, 4, 5].map((step) => Array.from({ length: B * I }, () => step));
    batches[3]![5] = NaN;
    const message = await failure({
      loss: (scope, x) => reduceMean(hidden(scope, x), [0, 1]),
      batches,
      begin: (state) => ({ ...state, step: 100 }),
    });
    expect(message).toBe('step 104: the loss is NaN, because the input x holds NaN or infinity');
  });

  test('a weight', async () => {
    const message = await failure({
      loss: (scope, x) =>
        reduceMean(add(hidden(scope, x), dense(scope.in('other'), x, { units: 1 })), [0, 1]),
      weights: { 'other.kernel': floats([I, 1], Infinity, 1) },
    });
    expect(message).toBe('step 1: the loss is Infinity, because other.kernel held NaN or infinity before it');
  });

  test('an overflow in the gradient alone', async () => {
    const message = await failure({
      // Forward h·10⁻³⁰·10³⁰·10³⁰; backward the last two factors meet first.
      loss: (scope, x) => reduceSum(mul(mul(mul(hidden(scope, x), 1e-30), 1e30), 1e30)),
      weights: { 'hidden.kernel': floats([I, 1], 1, 1) },
    });
    expect(message).toBe(
      "step 1: the gradient's norm is Infinity. It began with Mul float32[4,1] in the gradient of " +
        `Mul float32[4,1] computed from hidden: 4 infinite of 4 numbers, from inputs within [1.000e+30, 1.000e+30]. ${REMEDY}`,
    );
  });

  test('a slope without bound', async () => {
    const message = await failure({
      loss: (scope, x) => reduceSum(sqrt(hidden(scope, x))),
      weights: { 'hidden.kernel': floats([I, 1], 1, -1) },
    });
    expect(message).toContain(
      'Div float32[4,1] in the gradient of Sqrt float32[4,1] computed from hidden: 4 inf',
    );
  });

  test('within a recurrence', async () => {
    const message = await failure({
      loss: (scope, x) => {
        const lengths = x.graph.constant({ dtype: 'int32', shape: [1], data: Int32Array.of(B) });
        const steps = transpose(
          mul(x, scope.in('scale').parameter('by', [1, 1, I], { initializer: ones })),
          [1, 0, 2],
        );
        return reduceSum(recurrent(scope.in('memory'), steps, lengths, { cell: 'gru', units: 3 }).last);
      },
      batches: [Array<number>(B * I).fill(2)],
      // 2·3·10³⁸ − 2·3·10³⁸, both beyond single precision.
      weights: {
        'memory.kernel': floats([I, 9], ...Array<number>(9).fill(3e38), ...Array<number>(9).fill(-3e38)),
      },
    });
    expect(message).toMatch(
      /^step 1: the loss is NaN\. It began with Gemm float32\[1,3\] in memory: 3 NaN of 3/,
    );
  });

  test("a moment of the optimizer, which the loss doesn't show", async () => {
    const message = await failure({
      // Every gradient is 10¹⁹: its square is finite, the sum of squares is not for long.
      loss: (scope, x) => reduceSum(mul(hidden(scope, x), 1e19 / B)),
      optimizer: adam(),
      batches: Array.from({ length: 7 }, () => Array<number>(B * I).fill(1)),
      weights: { 'hidden.kernel': floats([I, 1], 1e-3, 1e-3) },
      learningRate: 1e-6,
    });
    expect(message).toMatch(
      /^step 4: the state after it is not finite \(square\)\. It began with Add float32\[3\] in the optimizer's update: 3 infinite of 3 numbers/,
    );
  });

  test('an update, at the step that made it and not at the one that shows it', async () => {
    const message = await failure({
      loss: (scope, x) => reduceSum(mul(hidden(scope, x), 1e5)),
      learningRate: 1e38,
      batches: Array.from({ length: 3 }, () => Array<number>(B * I).fill(1)),
    });
    expect(message).toMatch(
      /^step 1: the state after it is not finite \(parameters\)\. It began with Mul float32\[3\] in the optimizer's/,
    );
  });
});

test('infinity on purpose, which is masked out before the loss, is passed over', async () => {
  const message = await failure({
    loss: (scope, x) => {
      const scores = where(less(x, 2), mul(hidden(scope, x), x), -Infinity);
      const [one, other] = [hidden(scope.in('one'), x), hidden(scope.in('other'), x)];
      return add(reduceSum(mul(softmax(scores, -1), x)), reduceSum(div(1, sub(one, other))));
    },
    batches: [[1, 3, 1, 1, 1, 1, 1, 1]],
    weights: {
      'one.hidden.kernel': floats([I, 1], 1, 1),
      'other.hidden.kernel': floats([I, 1], 1, 1),
    },
  });
  expect(message).toContain('It began with Div float32[4,1] computed from one.hidden and other.hidden');
});
