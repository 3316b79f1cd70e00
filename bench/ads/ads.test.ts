import { suite } from '.';

describe('the bench of ads', () => {
  it('values every way to rank and to explore, and needs no data but its own', async () => {
    const result = await suite.run({ scale: '0.02', rounds: '200', seeds: '2' }, () => undefined);
    const regrets: Partial<Record<string, number>> = Object.fromEntries<number>(
      result.ranking.map(({ ranking, regret }) => [ranking, regret]),
    );
    expect(regrets['oracle']).toBe(0);
    for (const regret of Object.values(regrets)) expect(regret).toBeGreaterThanOrEqual(0);
    expect(regrets['expectedValue']).toBeLessThan(regrets['random']!);
    expect(result.exploration.every(({ regret }) => regret >= 0)).toBe(true);
    expect(result.counterfactual).toBeNull();
    expect(suite.table(result)).toContain('thompson');
  });
});
