import { adam, sgd, zeros } from '../../../src/engine/nn';
import { add, mul, reduceSum } from '../../../src/engine/ops';
import { TrainingProgram, type TrainingRecipe } from '../../../src/engine/training';
import { expectAllClose, expectClose, fixtures, unpack, unpackAll } from './fixtures';

const STEPS = 10;

const rules: Record<string, Pick<TrainingRecipe<string>, 'optimizer' | 'clipNorm' | 'l2'>> = {
  adam: { optimizer: adam() },
  'adam, clipped': { optimizer: adam(), clipNorm: 2 },
  'adam with l2': { optimizer: adam(), l2: 0.1 },
  sgd: { optimizer: sgd() },
  'sgd with momentum': { optimizer: sgd({ momentum: 0.9 }) },
};

test('every rule that PyTorch ran is checked, and no other', () => {
  expect(fixtures.rows.map(({ name }) => name).sort()).toEqual(Object.keys(rules).sort());
});

describe.each(fixtures.rows)('rows trained by $name', (fixture) => {
  const { inputs, rates, start } = fixture;
  test.each([
    ['parameters', 0, fixture.end],
    ['average after every step', fixture.averaging, fixture.average],
  ] as const)('arrive, as their %s, where PyTorch does after ten steps', async (what, averaging, end) => {
    const program = await TrainingProgram.compile<string>(
      {
        inputs: Object.fromEntries(
          Object.entries(inputs).map(([name, { dtype, shape }]) => [name, { dtype, shape: shape.slice(1) }]),
        ),
        // A loss whose gradients are the ones given.
        loss: (scope, { first, second, ofFirst, ofSecond, ofDense }) => {
          const table = { count: 12, width: 3, initializer: zeros, decays: true };
          const dense = scope.parameter('dense', [4], { initializer: zeros, decays: true });
          return [
            mul(scope.lookup('table', first!, table), ofFirst!),
            mul(scope.lookup('table', second!, table), ofSecond!),
            mul(dense, ofDense!),
          ]
            .map((terms) => reduceSum(terms))
            .reduce((total, term) => add(total, term));
        },
        averaging,
        ...rules[fixture.name]!,
      },
      { seed: 1 },
    );
    const initial = program.initialState(1, unpackAll(start));
    expect(Object.keys(initial.tables)).toEqual(['table']);
    const { state, gradientNorms } = await program.run(initial, {
      steps: STEPS,
      inputs: Object.fromEntries(Object.entries(inputs).map(([name, packed]) => [name, unpack(packed).data])),
      learningRates: rates,
    });
    expectAllClose(program.weights(state), end, what);
    const norms = { dtype: 'float32' as const, shape: [STEPS], data: gradientNorms };
    expectClose(norms, fixture.gradientNorms, "the gradients' norms");
    await program.close();
  });
});
