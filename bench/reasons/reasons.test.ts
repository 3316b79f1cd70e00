import { suite } from '.';

describe('the bench of reasons', () => {
  it('says how well contributions add up and how often intervals hold', async () => {
    const { results } = (await suite.run({ preset: 'tiny', scale: '0.02' }, () => undefined)) as {
      results: ReadonlyArray<{
        certified: { maxError: number };
        errors: ReadonlyArray<{ steps: number; max: number }>;
        intervals: { bins: number; coveredBins: number; meanWidth: number };
      }>;
    };
    expect(results).toHaveLength(3);
    for (const { certified, errors, intervals } of results) {
      expect(certified.maxError).toBeLessThanOrEqual(0.02);
      expect(errors.map(({ steps }) => steps)).toEqual([8, 16, 32, 64, 128]);
      expect(errors.at(-1)!.max).toBeLessThan(0.05);
      expect(intervals.bins).toBeGreaterThan(0);
      expect(intervals.coveredBins).toBeLessThanOrEqual(intervals.bins);
      expect(intervals.meanWidth).toBeLessThan(1);
    }
  }, 120_000);

  it.each([{ preset: 'large' }, { preset: 'tiny', scale: '0' }])('refuses %j', async (values) => {
    await expect(suite.run({ scale: '1', ...values }, () => undefined)).rejects.toThrow('--');
  });
});
