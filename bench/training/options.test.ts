import { PARTS, readOptions } from './options';

describe('the options of the training bench', () => {
  test('measure everything unless something is selected', () => {
    expect(readOptions({})).toMatchObject({
      models: null,
      batches: [64, 256, 1024],
      parts: new Set(PARTS),
      pairs: 3,
      threads: 2,
    });
  });

  test.each([{ models: 'reference' }, { batches: '64' }])('measure results alone for %j', (values) => {
    expect(readOptions(values).parts).toEqual(new Set(['results']));
  });

  test('take lists and numbers', () => {
    const values = { models: 'a,b', batches: '8,16', parts: 'scaling,memory', pairs: '5', threads: '1' };
    expect(readOptions(values)).toMatchObject({
      models: ['a', 'b'],
      batches: [8, 16],
      parts: new Set(['scaling', 'memory']),
      pairs: 5,
      threads: 1,
    });
  });

  test('quick is one short pair, unless more are asked for', () => {
    expect(readOptions({ quick: true })).toMatchObject({ pairs: 1, secondsPerRun: 0.1 });
    expect(readOptions({ quick: true, pairs: '2' }).pairs).toBe(2);
  });

  test.each([
    [{ batches: '64,0' }, '--batches takes whole numbers above 0, not 0'],
    [{ batches: '64,' }, '--batches has an empty item'],
    [{ pairs: '1.5' }, '--pairs takes whole numbers above 0, not 1.5'],
    [{ threads: 'two' }, '--threads takes whole numbers above 0, not two'],
    [{ parts: 'speed' }, '--parts takes results, scaling, memory, matmul, not speed'],
  ])('refuse %j', (values, message) => {
    expect(() => readOptions(values)).toThrow(message);
  });
});
