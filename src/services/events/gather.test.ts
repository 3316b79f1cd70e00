import { Gather } from './gather';

describe('Gather', () => {
  it('answers together what is asked in one turn or during an answer, in order and within bounds', async () => {
    const batches: number[][] = [];
    let release: () => void = () => undefined;
    const gather = new Gather<number, number>(
      async (questions) => {
        batches.push([...questions]);
        await new Promise<void>((resolve) => (release = resolve));
        return questions.map((question) => question * 2);
      },
      { maxBatch: 3, concurrency: 1 },
    );
    const first = [1, 2].map((n) => gather.ask(n));
    await Promise.resolve();
    const second = [3, 4, 5, 6].map((n) => gather.ask(n));
    expect(batches).toEqual([[1, 2]]);
    for (const answers of [first, second.slice(0, 3), second.slice(3)]) {
      release();
      await Promise.all(answers);
    }
    expect(await Promise.all([...first, ...second])).toEqual([2, 4, 6, 8, 10, 12]);
    expect(batches).toEqual([[1, 2], [3, 4, 5], [6]]);
  });

  it('fails those who asked together, and no others', async () => {
    let failing = true;
    const gather = new Gather<number, number>(
      (questions) => (failing ? Promise.reject(new Error('away')) : Promise.resolve(questions)),
      { maxBatch: 10, concurrency: 2 },
    );
    const lost = await Promise.allSettled([gather.ask(1), gather.ask(2)]);
    expect(lost.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    failing = false;
    expect(await gather.ask(3)).toBe(3);
    await Promise.resolve();
    expect(gather.idle).toBe(true);
  });
});
