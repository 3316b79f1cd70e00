import fc from 'fast-check';
import { checkPolicy } from '../../src/services/policies/policy-document';
import { fairnessOf, MIN_GROUP } from './fairness';
import { rangesOf } from './number-ranges';
import { riskPolicy } from './policy';

const policy = checkPolicy(riskPolicy, {
  bands: [
    { name: 'yes', from: 0, below: 0.2, decision: 'APPROVE' },
    { name: 'no', from: 0.2, below: 1, decision: 'DECLINE' },
  ],
});
type Row = readonly [group: string, probability: number, label: number, times: number];
function examplesOf(rows: readonly Row[]) {
  const all = rows.flatMap(([group, probability, label, times]) =>
    Array.from({ length: times }, () => ({ group, probability, label })),
  );
  return {
    groups_N: all.map(({ group }) => group),
    probabilities_N: Float32Array.from(all, ({ probability }) => probability),
    labels_N: Float32Array.from(all, ({ label }) => label),
    subjects_N: null,
    unmatched: 0,
  };
}

describe('fairness', () => {
  const examples = examplesOf([
    // 60 of 100 approved, 6 of them default; 30 of 40 others do not.
    ['a', 0.1, 0, 54],
    ['a', 0.1, 1, 6],
    ['a', 0.5, 0, 30],
    ['a', 0.5, 1, 10],
    // 16 of 40 approved, none defaults; 20 of 24 others do not.
    ['b', 0.1, 0, 16],
    ['b', 0.5, 0, 20],
    ['b', 0.5, 1, 4],
    ['c', 0.1, 0, 5],
    ['', 0.1, 0, 3],
  ]);

  it('compares each group with the one that is approved most', () => {
    const { reference, groups, ...rest } = fairnessOf(policy, examples)!;
    expect(reference).toBe('a');
    expect(rest).toEqual({ smallGroups: 1, smallGroupExamples: 5, missing: 3 });
    const [a, b] = groups;
    expect(a).toMatchObject({ group: 'a', examples: 100, isBelowFourFifths: false });
    expect(a?.adverseImpactRatio.estimate).toBe(1);
    expect(a?.equalOpportunityDifference.estimate).toBe(0);
    expect(b).toMatchObject({ group: 'b', examples: 40, isBelowFourFifths: true });
    expect(b?.adverseImpactRatio.estimate).toBeCloseTo(0.4 / 0.6, 12);
    expect(b?.equalOpportunityDifference.estimate).toBeCloseTo(16 / 36 - 54 / 84, 12);
    expect(b?.defaultRate.estimate).toBeCloseTo(0.1, 12);
    expect(a?.approvedDefaultRate.estimate).toBeCloseTo(0.1, 12);
    const { low, high } = b!.adverseImpactRatio;
    expect(low! < 0.667 && high! > 0.667).toBe(true);
  });

  it('compares with the group that is named, and with none that is not there or too small', () => {
    expect(fairnessOf(policy, examples, 'b')?.groups[0]?.adverseImpactRatio.estimate).toBeCloseTo(1.5, 12);
    expect(fairnessOf(policy, examples, 'c')).toBeNull();
    expect(fairnessOf(policy, examplesOf([['a', 0.1, 0, MIN_GROUP - 1]]))).toBeNull();
  });

  it('loses no example, whatever the groups', () => {
    const row = fc.tuple(
      fc.constantFrom('', 'a', 'b', 'c'),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom(0, 1),
      fc.integer({ min: 0, max: 40 }),
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
        const all = examplesOf(rows);
        const found = fairnessOf(policy, all);
        if (!found) return;
        const shown = found.groups.reduce((sum, group) => sum + group.examples, 0);
        expect(shown + found.smallGroupExamples + found.missing).toBe(all.labels_N.length);
      }),
    );
  });
});

describe('ranges of numbers', () => {
  it('hold each number once', () => {
    const rangeOf = rangesOf([25, 60]);
    expect(['24.9', '25', '59', '60', '', 'old', '-1'].map(rangeOf)).toEqual([
      '< 25',
      '25 – 60',
      '25 – 60',
      '>= 60',
      '',
      '',
      '< 25',
    ]);
  });

  it.each([[[]], [[2, 1]], [[1, 1]], [[NaN]]])('are not made of %j', (bounds) => {
    expect(() => rangesOf(bounds)).toThrow('input.bounds');
  });
});
