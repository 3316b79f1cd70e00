import { suite } from '.';

it('times each operation in both forms', async () => {
  const { bytes, runs, results } = await suite.run({ megabytes: '1.5', runs: '2' }, () => undefined);
  expect([bytes, runs]).toEqual([1_500_000, 2]);
  expect(results.map(({ operation }) => operation)).toEqual(['put', 'get', 'localPath']);
  for (const { clear, encrypted, ratio, cpuRatio } of results)
    for (const value of [clear, encrypted].flatMap(({ seconds, cpuSeconds }) => [seconds, cpuSeconds]))
      expect(Math.min(value, ratio, cpuRatio)).toBeGreaterThan(0);
  expect(suite.table({ bytes, runs, results }).split('\n')).toHaveLength(4);
});

it('refuses sizes that are none', async () => {
  await expect(suite.run({ megabytes: 'many' }, () => undefined)).rejects.toThrow(
    '--megabytes takes numbers',
  );
});
