import fc from 'fast-check';
import { reasonCodes } from './reason-codes';

const texts = [{ feature: 'debt', code: 'R02', text: 'Debt is high.' }];
const attribution = fc.record({
  feature: fc.constantFrom('debt', 'income', 'late', 'age', 'home'),
  contribution: fc.double({ min: -3, max: 3, noNaN: true }),
});

describe('reason codes', () => {
  it('are the strongest features toward a default, the events of a field together', () => {
    const codes = reasonCodes(
      [
        { feature: 'late', contribution: 0.5 },
        { feature: 'debt', contribution: 0.6 },
        { feature: 'late', contribution: 0.4 },
        { feature: 'income', contribution: -2 },
        { feature: 'home', contribution: 0.5 },
        { feature: 'home', contribution: -0.75 },
        { feature: 'age', contribution: 0.1 },
      ],
      { most: 2, texts },
    );
    expect(codes).toEqual([
      { code: 'late', text: 'What is known of late.', feature: 'late', contribution: 0.9, share: 0.9 / 1.6 },
      { code: 'R02', text: 'Debt is high.', feature: 'debt', contribution: 0.6, share: 0.6 / 1.6 },
    ]);
  });

  it('are none where nothing speaks for a default', () => {
    expect(reasonCodes([{ feature: 'debt', contribution: -1 }], { most: 4, texts })).toEqual([]);
  });

  it('never name what speaks against a default, and do not depend on the order', () => {
    fc.assert(
      fc.property(fc.array(attribution, { maxLength: 20 }), fc.integer({ min: 1, max: 10 }), (all, most) => {
        const codes = reasonCodes(all, { most, texts });
        const sumOf = (feature: string) =>
          all.filter((each) => each.feature === feature).reduce((sum, each) => sum + each.contribution, 0);
        for (const { feature, contribution } of codes) {
          expect(contribution).toBeGreaterThan(0);
          expect(contribution).toBeCloseTo(sumOf(feature), 9);
        }
        const strengths = codes.map(({ contribution }) => contribution);
        expect(strengths).toEqual([...strengths].sort((a, b) => b - a));
        expect(codes.length).toBeLessThanOrEqual(most);
        expect(codes.reduce((sum, { share }) => sum + share, 0)).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });
});
