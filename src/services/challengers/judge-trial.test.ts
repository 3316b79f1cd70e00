import { seededRandom } from '../../learning/training/random';
import { type TrialEvent } from '../prediction/trials/trial-counts';
import { judgeTrial, type SideSums, type TrialEvidence } from './judge-trial';
import { type TrialFigures } from './trial-figures';

const SETTINGS = { alpha: 0.05, minOutcomes: 200, trialNumber: 1 };
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
const lossOf = (label: boolean, p: number): number => -Math.log(label ? p : 1 - p);

/** Adds up per subject, as the database does. */
class Sums {
  sums: SideSums = { positives: 0, subjects: 0, count: 0, x: 0, xx: 0, xn: 0, nn: 0 };
  private readonly subjects = new Map<number, { readonly n: number; readonly x: number }>();

  add(subject: number, label: boolean, x: number): void {
    const before = this.subjects.get(subject) ?? { n: 0, x: 0 };
    const after = { n: before.n + 1, x: before.x + x };
    this.subjects.set(subject, after);
    const { sums } = this;
    this.sums = {
      positives: sums.positives + Number(label),
      subjects: this.subjects.size,
      count: sums.count + 1,
      x: sums.x + x,
      xx: sums.xx + after.x ** 2 - before.x ** 2,
      xn: sums.xn + after.x * after.n - before.x * before.n,
      nn: sums.nn + after.n ** 2 - before.n ** 2,
    };
  }
}

type Counts = Record<TrialEvent, number>;
const answered = (count: number, failed = 0): Counts => ({
  ...{ answered: count, failed, refused: 0, timed_out: 0, not_finite: 0, dropped: 0 },
});

interface World {
  readonly mode: 'SHADOW' | 'CANARY';
  /** What the champion and the challenger make of a true logit. */
  readonly champion: (z: number, random: () => number) => number;
  readonly challenger: (z: number, random: () => number) => number;
  readonly outcomes: number;
  readonly seed: number;
}

/** Outcomes come in, of subjects that come again and differ from each other; after every 50 of them somebody looks. */
function* looks({ mode, champion, challenger, outcomes, seed }: World): Generator<TrialFigures> {
  const random = seededRandom(seed);
  const [own, tried, paired] = [new Sums(), new Sums(), new Sums()];
  const leaning = Array.from({ length: 400 }, () => 2 * (random() - 0.5));
  for (let step = 1; step <= outcomes; step++) {
    const subject = Math.floor(random() * leaning.length);
    const z = -1.5 + 3 * (random() - 0.5) + (leaning[subject] ?? 0);
    const label = random() < sigmoid(z);
    const losses = [champion, challenger].map((model) => lossOf(label, sigmoid(model(z, random))));
    const [x = 0, y = 0] = losses;
    if (mode === 'SHADOW' || subject % 2 === 0) own.add(subject, label, x);
    if (mode === 'SHADOW' || subject % 2 === 1) tried.add(subject, label, y);
    if (mode === 'SHADOW') paired.add(subject, label, y - x);
    if (step % 50 > 0) continue;
    const evidence: TrialEvidence = {
      champion: own.sums,
      challenger: tried.sums,
      paired: mode === 'SHADOW' ? paired.sums : null,
      counts: { champion: answered(step), challenger: answered(step) },
    };
    yield judgeTrial(evidence, SETTINGS);
  }
}

/** Outcomes until a verdict comes; null when it never does. */
function until(verdict: TrialFigures['verdict'], world: World): number | null {
  let seen = 0;
  for (const figures of looks(world)) {
    seen += 50;
    if (figures.verdict === verdict) return seen;
  }
  return null;
}

const noisy = (z: number, random: () => number): number => z + 1.2 * (random() - 0.5);

describe.each(['SHADOW', 'CANARY'] as const)('the verdict on a challenger, %s', (mode) => {
  const runs = 200;
  const count = (verdict: TrialFigures['verdict'], world: Omit<World, 'seed' | 'mode'>) =>
    Array.from({ length: runs }, (_, run) => until(verdict, { ...world, mode, seed: run + 1 })).filter(
      (found) => found !== null,
    );

  it('is rarely WORSE or BETTER, over many looks, when both are equally good', () => {
    const world = { champion: noisy, challenger: noisy, outcomes: 6_000 };
    // A quarter of alpha belongs to the log loss of a first trial.
    expect(count('WORSE', world).length / runs).toBeLessThan(SETTINGS.alpha);
    expect(count('BETTER', world).length / runs).toBeLessThan(SETTINGS.alpha);
  });

  it('is WORSE soon when its probabilities are far too high', () => {
    const world = { champion: noisy, challenger: (z: number) => z + 2, outcomes: 4_000 };
    const found = count('WORSE', world).sort((a, b) => a - b);
    expect(found.length).toBeGreaterThan(0.99 * runs);
    expect(found[runs / 2]).toBeLessThanOrEqual(mode === 'SHADOW' ? 350 : 900);
  });

  it('is BETTER when it knows what the champion does not', () => {
    const world = {
      champion: (z: number) => (z > -1.5 ? -3 : 0.5),
      challenger: (z: number) => z,
      outcomes: 4_000,
    };
    expect(count('BETTER', world).length).toBeGreaterThan(0.99 * runs);
    expect(count('WORSE', world)).toEqual([]);
  });
});

describe('a trial', () => {
  const sums: SideSums = { subjects: 199, positives: 60, count: 199, x: 60, xx: 40, xn: 60, nn: 199 };
  const evidence: TrialEvidence = {
    champion: sums,
    challenger: { ...sums, x: 400, xx: 1_000, xn: 400 },
    paired: null,
    counts: { champion: answered(1_000), challenger: answered(1_000) },
  };

  it('says nothing of log losses before enough outcomes, or subjects, are known', () => {
    expect(judgeTrial(evidence, SETTINGS)).toMatchObject({ verdict: 'COLLECTING', logLossDifference: null });
    const few = { positives: 100, subjects: 12, count: 500, x: 100, xx: 900, xn: 4_000, nn: 21_000 };
    expect(judgeTrial({ ...evidence, champion: few }, { ...SETTINGS, minOutcomes: 100 }).verdict).toBe(
      'COLLECTING',
    );
    const rare = { ...evidence, challenger: { ...evidence.challenger, positives: 49 } };
    expect(judgeTrial(rare, { ...SETTINGS, minOutcomes: 199 }).verdict).toBe('COLLECTING');
    expect(judgeTrial(evidence, { ...SETTINGS, minOutcomes: 199 })).toMatchObject({
      verdict: 'WORSE',
      because: 'LOG_LOSS',
    });
  });

  it('has less of alpha the later it is of its challenger', () => {
    const width = (trialNumber: number): number => {
      const { logLossDifference: found } = judgeTrial(evidence, {
        ...SETTINGS,
        minOutcomes: 100,
        trialNumber,
      });
      return found!.high - found!.low;
    };
    expect(width(2)).toBeGreaterThan(width(1));
    expect(width(9)).toBeGreaterThan(width(2));
  });

  it('is WORSE when the challenger often has no answer, whatever outcomes say', () => {
    const counts = { champion: answered(300), challenger: answered(200, 40) };
    expect(judgeTrial({ ...evidence, counts }, SETTINGS)).toMatchObject({
      verdict: 'WORSE',
      because: 'ERROR_RATE',
      challenger: { asked: 240, errors: 40 },
    });
    const few = { champion: answered(10), challenger: answered(9, 1) };
    expect(judgeTrial({ ...evidence, counts: few }, SETTINGS).verdict).toBe('COLLECTING');
    const both = { champion: answered(300, 60), challenger: answered(300, 60) };
    expect(judgeTrial({ ...evidence, counts: both }, SETTINGS).verdict).toBe('COLLECTING');
  });

  it('is rarely WORSE by its error rate when both have the same', () => {
    let wrong = 0;
    for (let run = 0; run < 200; run++) {
      const random = seededRandom(run + 1);
      let [first, second] = [0, 0];
      for (let asked = 1; asked <= 3_000; asked++) {
        if (random() < 0.02) first += 1;
        if (random() < 0.02) second += 1;
        if (asked % 50 > 0) continue;
        const counts = {
          champion: answered(asked - first, first),
          challenger: answered(asked - second, second),
        };
        if (judgeTrial({ ...evidence, counts }, SETTINGS).verdict !== 'WORSE') continue;
        wrong += 1;
        break;
      }
    }
    expect(wrong / 200).toBeLessThan(SETTINGS.alpha);
  });
});
