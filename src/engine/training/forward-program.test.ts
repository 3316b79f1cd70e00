import { batchNorm, dense } from '../nn';
import { type Tensor, tensorOf, toNumbers } from '../onnx';
import { ForwardProgram } from './forward-program';

const vector = (...values: number[]): Tensor<'float32'> =>
  tensorOf('float32', [values.length], values) as Tensor<'float32'>;
const weights = new Map<string, Tensor<'float32'>>([
  ['dense.kernel', { ...vector(1, 2), shape: [2, 1] }],
  ['dense.bias', vector(3)],
  ['norm.scale', vector(2)],
  ['norm.bias', vector(1)],
  ['norm.mean', vector(4)],
  ['norm.variance', vector(1)],
]);

const compile = (): Promise<ForwardProgram<'x'>> =>
  ForwardProgram.compile({
    inputs: { x: { dtype: 'float32', shape: ['N', 2] } },
    outputs: (scope, { x }) => {
      const hidden = dense(scope.in('dense'), x, { units: 1 });
      return { y: batchNorm(scope.in('norm'), hidden, { epsilon: 0 }) };
    },
  });

test('computes with the weights that it is given, for any batch', async () => {
  const program = await compile();
  const one = await program.run(weights, { x: tensorOf('float32', [1, 2], [1, 0]) });
  expect(toNumbers(one.y!)).toEqual([1]);
  const two = await program.run(weights, { x: tensorOf('float32', [2, 2], [1, 0, 1, 1]) });
  expect(toNumbers(two.y!)).toEqual([1, 5]);
  await program.close();
});

test.each([...weights.keys()])('refuses to make up %s', async (name) => {
  const program = await compile();
  const partial = new Map([...weights].filter(([other]) => other !== name));
  const x = tensorOf('float32', [1, 2], [1, 0]);
  await expect(program.run(partial, { x })).rejects.toThrow(`there is no weight ${name}`);
  await program.close();
});

test('refuses a weight of another shape', async () => {
  const program = await compile();
  const other = new Map(weights).set('dense.bias', vector(1, 2));
  const x = tensorOf('float32', [1, 2], [1, 0]);
  await expect(program.run(other, { x })).rejects.toThrow('the earlier dense.bias is [2], not [1]');
  await program.close();
});
