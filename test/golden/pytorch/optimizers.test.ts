import {
  adam,
  batchNorm,
  binaryCrossEntropy,
  conv1d,
  dense,
  embedding,
  maskSequence,
  recurrent,
  type Scope,
  sgd,
  zeros,
} from '../../../src/engine/nn';
import { type Tensor, type Value } from '../../../src/engine/onnx';
import { add, mul, reduceMean, reduceSum, relu, squeeze } from '../../../src/engine/ops';
import { TrainingProgram, type TrainingRecipe, type TrainingState } from '../../../src/engine/training';
import { expectAllClose, expectClose, fixtures, type Named, unpack, unpackAll } from './fixtures';

const STEPS = 10;

/** The present parameters and the ones that are kept: the same where none are averaged. */
function expectEnd(
  program: Pick<TrainingProgram<string>, 'weights'>,
  state: TrainingState,
  expected: { readonly end: Named; readonly average?: Named },
): void {
  const { average, ...present } = state.tensors;
  expectAllClose(program.weights({ ...state, tensors: present }), expected.end, 'after ten steps');
  expect(average !== undefined).toBe(expected.average !== undefined);
  if (expected.average) expectAllClose(program.weights(state), expected.average, 'averaged over ten steps');
}

type Options = Omit<TrainingRecipe<string>, 'inputs' | 'loss'>;

const recipes: Record<string, Options> = {
  sgd: { optimizer: sgd() },
  'sgd with momentum': { optimizer: sgd({ momentum: 0.9 }) },
  'sgd with momentum and l2': { optimizer: sgd({ momentum: 0.9 }), l2: 0.1 },
  'sgd, clipped': { optimizer: sgd(), clipNorm: 2 },
  adam: { optimizer: adam() },
  'adam, other constants': { optimizer: adam({ beta1: 0.8, beta2: 0.95, epsilon: 1e-3 }) },
  'adam with l2': { optimizer: adam(), l2: 0.1 },
  'adam with l2, clipped': { optimizer: adam(), l2: 0.1, clipNorm: 1 },
  'sgd with l1': { optimizer: sgd(), l1: 0.3 },
  'adam with l1 and l2': { optimizer: adam(), l1: 0.3, l2: 0.1 },
  adamw: { optimizer: adam(), weightDecay: 0.1 },
  'adamw, clipped far away': { optimizer: adam(), weightDecay: 0.1, clipNorm: 1e6 },
  'adam with averaging': { optimizer: adam(), averaging: 0.9 },
  'adamw, clipped, with averaging': { optimizer: adam(), weightDecay: 0.1, clipNorm: 1, averaging: 0.8 },
};

test('every optimizer that PyTorch ran is checked, and no other', () => {
  expect(fixtures.optimizers.map(({ name }) => name).sort()).toEqual(Object.keys(recipes).sort());
});

test.each(fixtures.optimizers)('$name arrives where PyTorch does after ten steps', async (fixture) => {
  const program = await TrainingProgram.compile<string>(
    {
      inputs: {
        kernel: { dtype: 'float32', shape: [2, 3] },
        bias: { dtype: 'float32', shape: [3] },
      },
      // A loss whose gradients are the ones given.
      loss: (scope, gradients) =>
        ['kernel', 'bias']
          .map((name) => {
            const gradient = gradients[name]!;
            const options = { initializer: zeros, decays: name === 'kernel' };
            return reduceSum(mul(gradient, scope.parameter(name, gradient.staticShape(), options)));
          })
          .reduce((total, term) => add(total, term)),
      ...recipes[fixture.name]!,
    },
    { seed: 1 },
  );
  const { state } = await program.run(program.initialState(1, unpackAll(fixture.start)), {
    steps: STEPS,
    inputs: Object.fromEntries(
      Object.entries(fixture.gradients).map(([name, packed]) => [name, unpack(packed).data]),
    ),
    learningRates: fixture.rates,
  });
  await program.close();
  expectEnd(program, state, fixture);
});

/** As `Network` in networks.py. */
function network(scope: Scope, ids_TB: Value, lengths_B: Value): Value {
  const events = maskSequence(embedding(scope.in('events'), ids_TB, { count: 5, width: 2 }), lengths_B);
  const local = relu(conv1d(scope.in('convolution'), events, { filters: 3, width: 2, padding: 'causal' }));
  const { last } = recurrent(scope.in('memory'), local, lengths_B, { cell: 'lstm', units: 3 });
  const hidden = relu(
    batchNorm(scope.in('norm'), dense(scope.in('hidden'), last, { units: 4, bias: false })),
  );
  return squeeze(dense(scope.in('logit'), hidden, { units: 1 }), [1]);
}

test.each(fixtures.networks)('a $name trains as in PyTorch, step by step', async (fixture) => {
  const { inputs, rate, decay, clip, averaging } = fixture;
  const program = await TrainingProgram.compile<string>(
    {
      inputs: Object.fromEntries(
        Object.entries(inputs).map(([name, { dtype, shape }]) => [name, { dtype, shape: shape.slice(1) }]),
      ),
      loss: (scope, { ids, lengths, labels }) =>
        reduceMean(binaryCrossEntropy(network(scope, ids!, lengths!), labels!), [0]),
      optimizer: adam(),
      weightDecay: decay,
      clipNorm: clip,
      averaging,
    },
    { seed: 1 },
  );
  const { state, losses, gradientNorms } = await program.run(
    program.initialState(1, unpackAll(fixture.start)),
    {
      steps: STEPS,
      inputs: Object.fromEntries(Object.entries(inputs).map(([name, packed]) => [name, unpack(packed).data])),
      learningRates: Array<number>(STEPS).fill(rate),
    },
  );
  await program.close();
  const perStep = (data: Float32Array): Tensor => ({ dtype: 'float32', shape: [STEPS], data });
  expectClose(perStep(losses), fixture.losses, 'the losses');
  expectClose(perStep(gradientNorms), fixture.gradientNorms, "the gradients' norms");
  expectEnd(program, state, fixture);
  expectAllClose(program.weights(state), fixture.buffers, 'after ten steps');
});
