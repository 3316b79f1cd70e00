import { type Value } from '../onnx';
import { ones, type Scope, sgd } from '../nn';
import { lstm, mul, reduceMean, reduceSum, reshape, sign, squeeze } from '../ops';
import { TrainingProgram } from './training-program';

/** B = 4 examples of T = 3 steps of I = 2 numbers; H = 2 units. */
function compile(loss: (scope: Scope, x_TBI: Value, lengths_B: Value) => Value): Promise<unknown> {
  return TrainingProgram.compile(
    {
      inputs: {
        x: { dtype: 'float32', shape: [3, 4, 2] },
        lengths: { dtype: 'int32', shape: [4] },
      },
      loss: (scope, { x, lengths }) => loss(scope, x, lengths),
      optimizer: sgd(),
    },
    { seed: 1 },
  );
}

describe('a loss whose gradient is missing fails when the program is compiled', () => {
  test('behind an op that has none, with the op, its inputs and the parameters', async () => {
    const build = (scope: Scope, x_TBI: Value, lengths_B: Value): Value => {
      const memory = scope.in('memory');
      const parameter = (name: string, shape: number[]): Value =>
        memory.parameter(name, shape, { initializer: ones });
      const { last } = lstm(
        {
          x_TBI,
          kernel: parameter('kernel', [1, 8, 2]),
          recurrent: parameter('recurrent', [1, 8, 2]),
          bias: reshape(parameter('bias', [16]), [1, 16]),
          lengths_B,
        },
        2,
      );
      return reduceMean(squeeze(last, [0]), [0, 1]);
    };
    await expect(compile(build)).rejects.toThrow(
      /^LSTM\(x float32\[3,4,2\], memory\.kernel float32\[1,8,2\], memory\.recurrent float32\[1,8,2\], v\d+ float32\[1,16\], lengths int32\[4\]\) has no gradient, and the loss depends on memory\.kernel float32\[1,8,2\], memory\.recurrent float32\[1,8,2\], memory\.bias float32\[16\] through it$/,
    );
  });

  test('behind a step function, which would leave the parameter as it began', async () => {
    const build = (scope: Scope, x: Value): Value => {
      const weight = (name: string): Value => scope.in(name).parameter('weight', [2], { initializer: ones });
      return reduceSum(mul(mul(x, weight('scale')), sign(weight('gate'))));
    };
    await expect(compile(build)).rejects.toThrow(
      'Sign(gate.weight float32[2]) passes no gradient on, ' +
        'and the loss depends on gate.weight float32[2] through nothing else',
    );
  });
});
