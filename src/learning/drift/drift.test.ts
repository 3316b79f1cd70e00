import { chiSquareCritical } from './chi-square';
import { compareColumns, FALSE_ALARM } from './compare-columns';
import { type Histogram, type ReferenceColumn } from './drift-reference';
import { EffectiveCount } from './effective-count';
import { emptyLike, fitCategories, fitNumbers, HistogramCounter } from './histogram';
import { labelDrift } from './label-drift';
import { pairedBins } from './paired-bins';
import { seededRandom } from '../training/random';

class Draws {
  readonly next: () => number;

  constructor(seed: number) {
    this.next = seededRandom(seed);
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
}

const column = (histogram: Histogram, effective: number): ReferenceColumn => ({
  part: 'FEATURE',
  name: 'x',
  effective,
  histogram,
});

function liveOf(reference: Histogram, values: readonly (number | string)[]): ReferenceColumn {
  const counter = new HistogramCounter(emptyLike(reference));
  for (const value of values) counter.add(value);
  return column(counter.histogram, values.length);
}

const list = <T>(length: number, make: () => T): T[] => Array.from({ length }, make);

describe('chiSquareCritical', () => {
  it.each([
    [1, 0.05, 3.841],
    [9, 0.01, 21.666],
    [10, 0.001, 29.588],
    [30, 0.05, 43.773],
    [2, 1e-6, 27.631],
  ])('of %s degrees of freedom, passed with %s, is %s', (degrees, tail, value) => {
    expect(chiSquareCritical(degrees, tail)).toBeCloseTo(value, 3);
  });
});

describe('EffectiveCount', () => {
  it('counts subjects, not what they repeat', () => {
    const effective = new EffectiveCount();
    for (let n = 0; n < 300; n++) effective.add(n % 100);
    expect(effective.value).toBeCloseTo(100, 9);
    effective.add('busy', 1_000);
    expect(effective.value).toBeLessThan(2);
  });
});

describe('histograms', () => {
  it('lose no value, whatever it is', () => {
    const random = new Draws(1);
    const reference = fitNumbers(list(5_000, () => (random.next() < 0.1 ? NaN : random.normal())));
    const values = list(777, () => (random.next() < 0.2 ? NaN : 100 * random.normal()));
    const live = liveOf(reference, values).histogram;
    expect(live.counts.reduce((sum, count) => sum + count, 0) + live.missing).toBe(777);
    const bins = pairedBins(reference, live);
    expect(bins.reduce((sum, bin) => sum + bin.live, 0)).toBe(777);
    expect(bins.reduce((sum, bin) => sum + bin.reference, 0)).toBe(5_000);
  });

  it('have ten bins of about a tenth each', () => {
    const random = new Draws(2);
    const reference = fitNumbers(list(10_000, () => random.normal()));
    const bins = pairedBins(reference, reference).filter(({ kind }) => kind === 'RANGE');
    expect(bins).toHaveLength(10);
    for (const bin of bins) expect(Math.abs(bin.reference - 1_000)).toBeLessThan(150);
  });

  it('keep apart what is rare, unknown and missing', () => {
    const reference = fitCategories([...list(5, () => 'a'), ...list(3, () => 'b'), '']);
    const live = liveOf(reference, ['a', 'c', 'd', '', '']).histogram;
    expect(pairedBins(reference, live).map(({ kind, category, live: n }) => [kind, category, n])).toEqual([
      ['CATEGORY', 'a', 1],
      ['CATEGORY', 'b', 0],
      ['UNKNOWN', null, 2],
      ['MISSING', null, 2],
    ]);
  });
});

describe('compareColumns', () => {
  it('says nothing of fewer than 100 independent values', () => {
    const reference = fitNumbers(list(1_000, Math.random));
    expect(
      compareColumns(
        column(reference, 1_000),
        liveOf(
          reference,
          list(99, () => 5),
        ),
        0.01,
      ),
    ).toMatchObject({
      state: 'UNKNOWN',
      psi: null,
      ks: null,
    });
  });

  it.each([
    ['a normal number', 2_000, 150, (random: Draws) => random.normal()],
    ['a normal number, of many', 5_000, 2_000, (random: Draws) => random.normal()],
    ['a small count', 2_000, 200, (random: Draws) => Math.floor(-2 * Math.log(random.next() + 1e-12))],
    ['a number often missing', 1_000, 300, (random: Draws) => (random.next() < 0.3 ? NaN : random.next())],
    ['a skewed category', 2_000, 200, (random: Draws) => `c${Math.floor(50 * random.next() ** 3)}`],
  ])('rarely passes its critical values without drift: %s', (_name, n, m, draw) => {
    const random = new Draws(7);
    const rounds = 400;
    const alarms = { critical: 0, state: 0 };
    let psi = 0;
    let expected = 0;
    for (let round = 0; round < rounds; round++) {
      const values = list(n, () => draw(random));
      const reference =
        typeof values[0] === 'string' ? fitCategories(values as string[]) : fitNumbers(values as number[]);
      const drift = compareColumns(
        column(reference, n),
        liveOf(
          reference,
          list(m, () => draw(random)),
        ),
        0.05,
      );
      psi += drift.psi ?? NaN;
      expected += drift.psiExpected ?? NaN;
      if ((drift.psi ?? 0) > (drift.psiCritical ?? 0) || (drift.ks ?? 0) > (drift.ksCritical ?? 1))
        alarms.critical++;
      if (drift.state !== 'STABLE') alarms.state++;
    }
    // Allowed are 5 %: 20 of 400, and 33 are passed by chance once in a thousand.
    expect(alarms.critical).toBeLessThan(33);
    expect(alarms.state).toBeLessThanOrEqual(alarms.critical);
    // What is expected by chance is what is seen.
    expect(psi / expected).toBeGreaterThan(0.7);
    expect(psi / expected).toBeLessThan(1.3);
  });

  it.each([
    ['the mean', (random: Draws) => random.normal() + 0.8],
    ['the spread', (random: Draws) => 3 * random.normal()],
    ['what is missing', (random: Draws) => (random.next() < 0.4 ? NaN : random.normal())],
  ])('finds what has changed: %s', (_name, draw) => {
    const random = new Draws(3);
    const reference = fitNumbers(list(5_000, () => random.normal()));
    const live = liveOf(
      reference,
      list(500, () => draw(random)),
    );
    expect(compareColumns(column(reference, 5_000), live, 0.0001).state).toBe('DRIFTED');
  });

  it('finds a number that was always the same, in either direction', () => {
    const reference = fitNumbers(list(500, () => 5));
    for (const value of [4, 6])
      expect(
        compareColumns(
          column(reference, 500),
          liveOf(
            reference,
            list(200, () => value),
          ),
          0.001,
        ).state,
      ).toBe('DRIFTED');
    expect(
      compareColumns(
        column(reference, 500),
        liveOf(
          reference,
          list(200, () => 5),
        ),
        0.001,
      ).state,
    ).toBe('STABLE');
  });

  it('finds categories that training did not know', () => {
    const random = new Draws(4);
    const draw = () => `c${Math.floor(10 * random.next())}`;
    const reference = fitCategories(list(2_000, draw));
    const live = liveOf(
      reference,
      list(300, () => (random.next() < 0.3 ? 'new' : draw())),
    );
    expect(compareColumns(column(reference, 2_000), live, 0.001).state).toBe('DRIFTED');
  });
});

describe('labelDrift', () => {
  const reference = { examples: 10_000, positives: 1_000, effective: 10_000 };

  it('tells chance from change', () => {
    const of = (positives: number, effective = 1_000) =>
      labelDrift(reference, { examples: 1_000, positives, effective }, 0.001).state;
    expect(of(100)).toBe('STABLE');
    expect(of(115)).toBe('STABLE');
    expect(of(140)).toBe('WATCH');
    expect(of(200)).toBe('DRIFTED');
    expect(of(30)).toBe('DRIFTED');
    expect(of(200, 99)).toBe('UNKNOWN');
  });

  it('alarms by chance as seldom as it may', () => {
    const random = new Draws(5);
    let alarms = 0;
    for (let round = 0; round < 2_000; round++) {
      const positives = list(200, () => (random.next() < 0.1 ? 1 : 0)).reduce<number>(
        (sum, one) => sum + one,
        0,
      );
      if (labelDrift(reference, { examples: 200, positives, effective: 200 }, FALSE_ALARM).state !== 'STABLE')
        alarms++;
    }
    // 1 % is 20.
    expect(alarms).toBeLessThan(40);
  });
});
