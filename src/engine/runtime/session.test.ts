import { Graph, tensorOf, writeModel } from '../onnx';
import { add, concat } from '../ops';
import { installedDevices } from './devices';
import { Session } from './session';

function model(): Uint8Array {
  const graph = new Graph();
  const a = graph.input('a', 'float32', ['N', 2]);
  const b = graph.input('b', 'float32', ['N', 1]);
  graph.output('sum', add(a, b));
  graph.output('joined', concat([a, b], 1));
  return writeModel(graph);
}

describe('a session', () => {
  const a = tensorOf('float32', [3, 2], [1, 2, 3, 4, 5, 6]);
  const b = tensorOf('float32', [3, 1], [10, 20, 30]);

  test('runs, and computes only what is asked for', async () => {
    const session = await Session.create(model());
    expect(Object.keys(await session.run({ a, b }))).toEqual(['sum', 'joined']);
    expect(await session.run({ a, b }, ['sum'])).toEqual({
      sum: tensorOf('float32', [3, 2], [11, 12, 23, 24, 35, 36]),
    });
    await session.close();
  });

  test.each([
    ['an input that is missing', { a }, 'the input b float32[N,1] is missing'],
    ['an input that it does not have', { a, b, c: b }, 'there is no input c; the inputs are a, b'],
    [
      'another type',
      { a: tensorOf('int64', [3, 2], [1, 2, 3, 4, 5, 6]), b },
      'the input a float32[N,2] was given int64[3,2]',
    ],
    ['another width', { a: b, b }, 'the input a float32[N,2] was given float32[3,1]'],
    [
      'batches of two sizes',
      { a, b: tensorOf('float32', [2, 1], [1, 2]) },
      'the input b float32[N,1] was given float32[2,1]: N is 3 in a',
    ],
    [
      'too few elements',
      { a: { ...a, data: new Float32Array(5) } as typeof a, b },
      'the input a float32[N,2] was given float32[3,2] with 5 elements',
    ],
  ])('refuses %s', async (_name, feeds, message) => {
    const session = await Session.create(model());
    await expect(session.run(feeds)).rejects.toThrow(message);
  });

  test('says which devices are there, and what to do for one that is not', async () => {
    expect(installedDevices()).toContain('cpu');
    if (installedDevices().includes('cuda')) return;
    await expect(Session.create(model(), { device: 'cuda' })).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
      message: expect.stringContaining('the device cuda is not installed') as string,
    });
  });
});
