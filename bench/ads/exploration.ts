import { Random } from '../../src/domain-kit';
import { meanOf, posteriorOf, sampleRate } from '../../src/learning/decisions/thompson';

const ADS = 20;
const STRENGTH = 300;

export interface ExplorationResult {
  /** The standard deviation of the logarithm of the factor by which the model is out. */
  readonly modelError: number;
  readonly policy: 'thompson' | 'greedy';
  /** Clicks lost against always showing the best ad, over all rounds, on average. */
  readonly regret: number;
  /** Of the seeds. */
  readonly standardError: number;
  /** In the last tenth of the rounds, by round. */
  readonly regretPerRoundAtEnd: number;
}

/**
 * New ads of which the model knows too little: its CTR is out by a factor that is different for each. Every impression
 * has a context that moves all rates alike; each policy learns from its own impressions only.
 */
export function measureExploration(rounds: number, seeds: number): ExplorationResult[] {
  const cases = [0.5, 1].flatMap((modelError) =>
    (['thompson', 'greedy'] as const).map((policy) => ({ modelError, policy })),
  );
  return cases.map((each) => {
    const runs = Array.from({ length: seeds }, (_, seed) => explore(each, rounds, seed));
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / seeds;
    const regret = mean(runs.map((run) => run.regret));
    const squares = runs.reduce((sum, run) => sum + (run.regret - regret) ** 2, 0);
    return {
      ...each,
      regret,
      standardError: Math.sqrt(squares / (seeds - 1) / seeds),
      regretPerRoundAtEnd: mean(runs.map((run) => run.atEnd)),
    };
  });
}

function explore(
  { policy, modelError }: Pick<ExplorationResult, 'policy' | 'modelError'>,
  rounds: number,
  seed: number,
) {
  const random = new Random(seed, 2);
  const ads = Array.from({ length: ADS }, (_, index) => {
    const rate = Math.min(0.3, random.logNormal(0.03, 0.5));
    const told = Math.min(0.5, rate * random.logNormal(1, modelError));
    const evidence = { shown: 0, positives: 0, predictedShown: 0, predicted: 0 };
    return { id: `ad-${index}`, rate, told, evidence: evidence };
  });
  const best = Math.max(...ads.map(({ rate }) => rate));
  let [regret, atEnd] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    const context = random.logNormal(1, 0.3);
    const scores = ads.map(({ id, told, evidence }) => {
      const posterior = posteriorOf(Math.min(0.9, told * context), STRENGTH, evidence);
      return policy === 'greedy' ? meanOf(posterior) : sampleRate(posterior, seed * rounds + round, id);
    });
    const shown = ads[scores.indexOf(Math.max(...scores))]!;
    const clicked = random.chance(Math.min(1, shown.rate * context)) ? 1 : 0;
    const { evidence } = shown;
    shown.evidence = {
      shown: evidence.shown + 1,
      positives: evidence.positives + clicked,
      predictedShown: evidence.predictedShown + 1,
      predicted: evidence.predicted + Math.min(0.9, shown.told * context),
    };
    regret += (best - shown.rate) * context;
    if (round >= 0.9 * rounds) atEnd += ((best - shown.rate) * context) / (0.1 * rounds);
  }
  return { regret, atEnd };
}
