import { Slots } from './slots';

/** A task that runs until it is told to end. */
function task(log: string[], name: string): { run: () => Promise<void>; end: () => void } {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return {
    run: () => {
      log.push(name);
      return ended;
    },
    end: () => end(),
  };
}

describe('Slots', () => {
  it('runs as many as it has, and the others in their order', async () => {
    const slots = new Slots(2);
    const log: string[] = [];
    const tasks = ['a', 'b', 'c', 'd'].map((name) => task(log, name));
    const runs = tasks.map(({ run }) => slots.run(run));
    expect(log).toEqual(['a', 'b']);
    tasks[1]!.end();
    await runs[1];
    expect(log).toEqual(['a', 'b', 'c']);
    for (const { end } of tasks) end();
    await Promise.all(runs);
    expect(log).toEqual(['a', 'b', 'c', 'd']);
  });

  it('frees the slot of a task that fails', async () => {
    const slots = new Slots(1);
    await expect(slots.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(slots.run(() => Promise.resolve('yes'))).resolves.toBe('yes');
  });
});
