import { RecentResults } from './recent-results';

describe('RecentResults', () => {
  it('makes what is asked for at the same time once, and lets go of the oldest beyond its capacity', async () => {
    const made: string[] = [];
    const results = new RecentResults<string>(3, ({ length }) => length);
    const get = (key: string) =>
      results.get(key, () => {
        made.push(key);
        return Promise.resolve(key);
      });
    await Promise.all([get('a'), get('a'), get('b')]);
    expect(made).toEqual(['a', 'b']);
    await get('a');
    await get('cc');
    // b was asked for least lately.
    await get('a');
    await get('b');
    expect(made).toEqual(['a', 'b', 'cc', 'b']);
  });

  it('tries again what failed', async () => {
    const results = new RecentResults<string>(3, () => 1);
    await expect(results.get('a', () => Promise.reject(new Error('not yet')))).rejects.toThrow('not yet');
    expect(await results.get('a', () => Promise.resolve('now'))).toBe('now');
  });
});
