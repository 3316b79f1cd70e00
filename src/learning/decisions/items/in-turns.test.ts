import { atOnce, inTurns, type Steps } from './in-turns';

function* counting(to: number): Steps<number> {
  let count = 0;
  for (; count < to; count++) yield;
  return count;
}

describe('work in turns', () => {
  it('lets others have theirs, and comes to what it comes to at once', async () => {
    let turns = 0;
    let isDone = false;
    const count = (): void => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    expect(await inTurns(counting(100), 0)).toBe(atOnce(counting(100)));
    isDone = true;
    expect(turns).toBeGreaterThanOrEqual(99);
  });

  it('ends with what its steps throw', async () => {
    const failing = (function* (): Steps<never> {
      yield;
      throw new Error('lost');
    })();
    await expect(inTurns(failing)).rejects.toThrow('lost');
  });
});
