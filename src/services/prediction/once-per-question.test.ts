import { oncePerQuestion } from './once-per-question';

describe('oncePerQuestion', () => {
  it('asks once for a subject and a moment, and again for others', async () => {
    const asked: string[] = [];
    const ask = oncePerQuestion(({ subjectId, before }) => {
      asked.push(`${subjectId} ${before.getTime()}`);
      return Promise.resolve(asked.length);
    });
    const question = (subjectId: string, ms: number) => ask({ subjectId, before: new Date(ms) });
    expect(
      await Promise.all([question('a', 1), question('a', 1), question('a', 2), question('b', 1)]),
    ).toEqual([1, 1, 2, 3]);
    expect(asked).toEqual(['a 1', 'a 2', 'b 1']);
  });
});
