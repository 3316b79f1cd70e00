import { Random } from '../../src/domain-kit';
import { atOnce } from '../../src/learning/decisions/items/in-turns';
import {
  meanOf,
  NO_EVIDENCE,
  posteriorOf,
  type RateEvidence,
  sampleRate,
} from '../../src/learning/decisions/thompson';
import { priorStrengthSteps, type RateCell } from '../../src/learning/evaluation/prior-strength';

const ADS = 20;
/** What an answer weighed where a policy left it out, before it was fitted. */
const FORMER_STRENGTH = 300;
/** Ads of the held-out part, and how often each was shown: from, to. */
const HELD_OUT_ADS = 100;
const HELD_OUT_SHOWN = [100, 1000] as const;
const MEDIAN_ANSWER = 0.03;
const LARGEST_ANSWER = 0.3;

const POLICIES = ['model', 'greedy300', 'greedy', 'thompson300', 'thompson'] as const;
type Policy = (typeof POLICIES)[number];

/**
 * Standard deviations of the logarithm of the factor between the calibrated answer for an ad and its true rate, whose
 * mean is 1: of the ads that are explored, and of those of the held-out part that the strength is fitted on.
 */
interface Errors {
  readonly modelError: number;
  readonly heldOutError: number;
}

const CASES: readonly Errors[] = [
  ...[0.1, 0.25, 0.5, 1].map((error) => ({ modelError: error, heldOutError: error })),
  // What is new is not like what was held out.
  { modelError: 1, heldOutError: 0.1 },
];

export interface ExplorationResult extends Errors {
  /** By the model's answer alone, by the mean of the posterior, or by draws; with 300 or the fitted strength. */
  readonly policy: Policy;
  /** What the model's answer weighs, in impressions: the geometric mean over the seeds; null where nothing is learnt. */
  readonly strength: number | null;
  /** Clicks lost against always showing the best ad, over all rounds, on average; 95 % over the seeds. */
  readonly regret: number;
  readonly low: number;
  readonly high: number;
  /** How much more that is than the fitted Thompson sampling loses with the same seeds. */
  readonly overThompson: number;
  readonly overLow: number;
  readonly overHigh: number;
  /** In the last tenth of the rounds, by round. */
  readonly regretPerRoundAtEnd: number;
}

/**
 * New ads whose true rates scatter around what a calibrated model answers. Every impression has a context that moves all
 * rates alike; each policy learns from its own impressions only.
 */
export function measureExploration(rounds: number, seeds: number): ExplorationResult[] {
  return CASES.flatMap((errors) => {
    const runs = Array.from({ length: seeds }, (_, seed) => {
      const fitted = fittedStrength(errors.heldOutError, seed);
      return Object.fromEntries(
        POLICIES.map((policy) => [policy, explore({ policy, fitted, ...errors }, rounds, seed)]),
      ) as Record<Policy, Explored>;
    });
    return POLICIES.map((policy): ExplorationResult => {
      const regret = interval(runs.map((run) => run[policy].regret));
      const over = interval(runs.map((run) => run[policy].regret - run.thompson.regret));
      return {
        ...errors,
        policy,
        strength:
          policy === 'model' ? null : Math.exp(mean(runs.map((run) => Math.log(run[policy].strength)))),
        regret: regret.mean,
        low: regret.low,
        high: regret.high,
        overThompson: over.mean,
        overLow: over.low,
        overHigh: over.high,
        regretPerRoundAtEnd: mean(runs.map((run) => run[policy].atEnd)),
      };
    });
  });
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Percentiles of the mean over seeds that are drawn again: losses are far from normal. */
function interval(values: readonly number[]): { mean: number; low: number; high: number } {
  const random = new Random(1, 4);
  const means = Array.from({ length: 2000 }, () =>
    mean(values.map(() => values[random.below(values.length)]!)),
  );
  means.sort((a, b) => a - b);
  return { mean: mean(values), low: means[50]!, high: means[1949]! };
}

/** The calibrated answer for an ad, and its true rate. */
function drawAd(random: Random, error: number): { told: number; rate: number } {
  const told = Math.min(LARGEST_ANSWER, random.logNormal(MEDIAN_ANSWER, 0.5));
  // The mean of the factor is 1: that is what calibrated means.
  const rate = told * random.logNormal(Math.exp(-(error ** 2) / 2), error);
  return { told, rate };
}

const contextOf = (random: Random) => random.logNormal(1, 0.3);

/** From held-out impressions of other ads, in contexts like those of the ads that are explored. */
function fittedStrength(error: number, seed: number): number {
  const random = new Random(seed, 5);
  const cells = Array.from({ length: HELD_OUT_ADS }, (): RateCell => {
    const { told, rate } = drawAd(random, error);
    const shown = Math.round(random.between(...HELD_OUT_SHOWN));
    const cell = { positives: 0, predicted: 0, squared: 0 };
    for (let impression = 0; impression < shown; impression++) {
      const context = contextOf(random);
      const answer = Math.min(0.9, told * context);
      cell.positives += random.chance(Math.min(1, rate * context)) ? 1 : 0;
      cell.predicted += answer;
      cell.squared += answer * answer;
    }
    return cell;
  });
  return atOnce(priorStrengthSteps(cells)).strength;
}

interface Explored {
  readonly strength: number;
  readonly regret: number;
  readonly atEnd: number;
}

function explore(
  { policy, fitted, modelError }: Errors & { readonly policy: Policy; readonly fitted: number },
  rounds: number,
  seed: number,
): Explored {
  const random = new Random(seed, 2);
  const strength = policy.endsWith('300') ? FORMER_STRENGTH : fitted;
  const ads = Array.from({ length: ADS }, (_, index) => ({
    ...drawAd(random, modelError),
    id: `ad-${index}`,
    evidence: NO_EVIDENCE,
  }));
  const valueOf = (ad: { id: string; evidence: RateEvidence }, answer: number, round: number) => {
    if (policy === 'model') return answer;
    const posterior = posteriorOf(answer, strength, ad.evidence);
    return policy.startsWith('greedy')
      ? meanOf(posterior)
      : sampleRate(posterior, seed * rounds + round, ad.id);
  };
  const best = Math.max(...ads.map(({ rate }) => rate));
  let [regret, atEnd] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    const context = contextOf(random);
    const scores = ads.map((ad) => valueOf(ad, Math.min(0.9, ad.told * context), round));
    const shown = ads[scores.indexOf(Math.max(...scores))]!;
    const clicked = random.chance(Math.min(1, shown.rate * context)) ? 1 : 0;
    const { evidence } = shown;
    shown.evidence = {
      shown: evidence.shown + 1,
      positives: evidence.positives + clicked,
      predictedShown: evidence.predictedShown + 1,
      predicted: evidence.predicted + Math.min(0.9, shown.told * context),
    };
    const lost = (best - shown.rate) * context;
    regret += lost;
    if (round >= 0.9 * rounds) atEnd += lost / (0.1 * rounds);
  }
  return { strength, regret, atEnd };
}
