import { evaluate, gradientError } from '../../../../test/support/central-differences';
import { Graph, GraphError, toNumbers } from '../../onnx';
import { piecewiseLinear } from './tabular';

describe('piecewise-linear encoding', () => {
  const encode = async (values: number[], edges: number[][]): Promise<number[]> => {
    const shape = [values.length / edges.length, edges.length];
    const inputs = [{ shape, values }];
    const { outputs } = await evaluate({ inputs, float32: true, build: (x) => piecewiseLinear(x, edges) });
    return toNumbers(outputs[0]!);
  };

  test('is 0 before a bin, 1 after it, and rises between', async () => {
    expect(await encode([0.5, 3], [[0, 1, 2, 4]])).toEqual([0.5, 0, 0, 1, 1, 0.5]);
  });

  test('goes on below the first edge and above the last', async () => {
    expect(await encode([-2, 8], [[0, 1, 2, 4]])).toEqual([-2, 0, 0, 1, 1, 3]);
  });

  test('is linear with a single bin', async () => {
    expect(await encode([-2, 1, 8], [[0, 2]])).toEqual([-1, 0.5, 4]);
  });

  test('is a step where two edges are equal, even at the ends', async () => {
    // The steps are the outer bins, so none is open: the one within stays between 0 and 1.
    expect(await encode([-9, 1, 9], [[0, 0, 1, 1]])).toEqual([0, 0, 0, 1, 1, 0, 1, 1, 1]);
  });

  test('has the gradient of central differences, outside the edges too', async () => {
    const inputs = [{ shape: [3, 2], values: [-3, 0.3, 0.7, 5, 2.5, -1] }];
    const build = piecewiseLinear;
    const edges = [
      [0, 1, 2],
      [-0.5, 0.5, 1],
    ];
    expect(await gradientError({ inputs, build: (x) => build(x, edges) })).toBeLessThan(1e-7);
  });

  test('refuses edges that do not belong to its columns', () => {
    const x = new Graph().input('x', 'float32', ['N', 2]);
    const refused = (edges: number[][], message: string): void => {
      expect(() => piecewiseLinear(x, edges)).toThrow(new GraphError(`piecewiseLinear: ${message}`));
    };
    refused([[0, 1]], 'x float32[N,2] has no edges for each of its columns');
    refused([[0], [1]], 'x float32[N,2] has no edges for each of its columns');
    refused(
      [
        [0, 1],
        [0, 1, 2],
      ],
      'column 1 needs 2 edges that do not fall, not 0,1,2',
    );
    refused(
      [
        [0, 1],
        [2, 1],
      ],
      'column 1 needs 2 edges that do not fall, not 2,1',
    );
    refused(
      [
        [0, 1],
        [NaN, 1],
      ],
      'column 1 needs 2 edges that do not fall, not NaN,1',
    );
  });
});
