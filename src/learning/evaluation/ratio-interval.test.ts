import fc from 'fast-check';
import { seededRandom } from '../training/random';
import { meanEstimate, shareEstimate } from './ratio-interval';

const bits = (text: string) => Uint8Array.from(text, Number);

describe('shareEstimate', () => {
  it('is Wilson’s interval of independent examples', () => {
    // 3 of 10, worked out from the formula.
    const { estimate, low, high, examples } = shareEstimate(bits('1110000000'), { subjects_N: null });
    expect({ estimate, examples }).toEqual({ estimate: 0.3, examples: 10 });
    expect(low).toBeCloseTo(0.1078, 4);
    expect(high).toBeCloseTo(0.6032, 4);
  });

  it('is of the examples that are meant, and of none it is nothing', () => {
    const hits = bits('1010');
    expect(shareEstimate(hits, { among_N: bits('1100'), subjects_N: null })).toMatchObject({
      estimate: 0.5,
      examples: 2,
    });
    expect(shareEstimate(hits, { among_N: bits('0000'), subjects_N: null })).toEqual({
      estimate: null,
      low: null,
      high: null,
      examples: 0,
    });
  });

  it('learns nothing from copies by the same subject', () => {
    const once = bits('110100010011');
    const tripled = Uint8Array.from([...once, ...once, ...once]);
    const subjects_N = Int32Array.from(tripled, (_, n) => n % once.length);
    const alone = shareEstimate(once, { subjects_N: Int32Array.from(once, (_, n) => n) });
    const copied = shareEstimate(tripled, { subjects_N });
    expect(copied.low).toBeCloseTo(alone.low!, 10);
    expect(copied.high).toBeCloseTo(alone.high!, 10);
  });

  it('is not certain where everything, or nothing, hit', () => {
    const none = shareEstimate(new Uint8Array(50), { subjects_N: null });
    expect(none).toMatchObject({ estimate: 0, low: 0 });
    expect(none.high).toBeGreaterThan(0.05);
    const bySubject = shareEstimate(new Uint8Array(50), { subjects_N: new Int32Array(50) });
    expect(bySubject.high).toBeGreaterThan(0.5);
  });

  it('lies within 0 and 1 and holds the share, whatever hits', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(5)), { minLength: 1, maxLength: 60 }), (rows) => {
        const hits_N = Uint8Array.from(rows, ([hit]) => Number(hit));
        const { estimate, low, high } = shareEstimate(hits_N, {
          subjects_N: Int32Array.from(rows, ([, subject]) => subject),
        });
        expect(low! >= 0 && low! <= estimate! && estimate! <= high! && high! <= 1).toBe(true);
      }),
    );
  });

  it('holds the truth about 95 times of 100, with subjects whose examples are alike', () => {
    const random = seededRandom(5);
    let held = 0;
    for (let trial = 0; trial < 400; trial++) {
      const rows: [number, number][] = [];
      for (let subject = 0; subject < 120; subject++) {
        const mine = random() < 0.5 ? 0.1 : 0.5;
        for (let n = 0; n < 5; n++) rows.push([random() < mine ? 1 : 0, subject]);
      }
      const { low, high } = shareEstimate(
        Uint8Array.from(rows, ([hit]) => hit),
        { subjects_N: Int32Array.from(rows, ([, subject]) => subject) },
      );
      if (low! <= 0.3 && 0.3 <= high!) held++;
    }
    expect(held / 400).toBeGreaterThan(0.91);
    expect(held / 400).toBeLessThan(0.985);
  });
});

describe('meanEstimate', () => {
  it('is the interval of a mean over subjects', () => {
    const values_N = Float64Array.from({ length: 100 }, (_, n) => n % 10);
    const { estimate, low, high } = meanEstimate(values_N, { subjects_N: null });
    expect(estimate).toBe(4.5);
    const deviation = Math.sqrt(values_N.reduce((sum, value) => sum + (value - 4.5) ** 2, 0) / 99 / 100);
    expect(high! - estimate!).toBeCloseTo(1.96 * deviation, 4);
    expect(estimate! - low!).toBeCloseTo(high! - estimate!, 10);
  });

  it('says no interval of fewer than ten subjects', () => {
    const few = meanEstimate(new Float64Array(100), { subjects_N: new Int32Array(100) });
    expect(few).toEqual({ estimate: 0, low: null, high: null, examples: 100 });
  });
});
