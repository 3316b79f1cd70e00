import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { featureSpec } from '../../domains/social-ad-ctr/features';
import { generate } from '../../domains/social-ad-ctr/generator';
import { standard, tiny } from '../../domains/social-ad-ctr/model';
import { Random } from '../../src/domain-kit';
import { modelConfigSchema } from '../../src/learning/architectures/model-config';
import { featureSpecSchema } from '../../src/learning/features/feature-spec';
import { prepareExamples } from '../../src/learning/preparation/prepare-examples';
import { trainModel } from '../../src/learning/train-model';

const AUCTIONS = 5000;
const CANDIDATES = 20;
const SEED = 1;

export interface RankingResult {
  readonly ranking: 'oracle' | 'expectedValue' | 'bidTimesPopularity' | 'bid' | 'random';
  /** What an impression is worth, on average, by the probability that its click was drawn with. */
  readonly valuePerImpression: number;
  /** Of the oracle's value, the share that is lost. */
  readonly regret: number;
  readonly clicksPerImpression: number;
}

/**
 * Auctions of impressions that the model never saw. What each is worth is known, because the generator knows the
 * probability that its click was drawn with. Popularity is the click rate of the advertiser on the validation part,
 * which is earlier, and nothing that is ranked by was learnt from the test part.
 */
export async function measureRanking(scale: number): Promise<RankingResult[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'propensity-bench-ads-'));
  try {
    const data = generate({ seed: SEED, scale });
    const csvPath = path.join(folder, 'ads.csv');
    await writeFile(csvPath, `${[...data.csv()].join('\n')}\n`);
    const prepared = await prepareExamples({
      csvPath,
      spec: featureSpecSchema.parse(featureSpec),
      workDirectory: folder,
      seed: SEED,
    });
    const { predictions, heldOutFeatures } = await trainModel({
      prepared,
      model: modelConfigSchema.parse(scale < 0.1 ? tiny : standard),
      device: 'cpu',
      checkpoint: { load: () => Promise.resolve(null), save: () => Promise.resolve() },
      signal: new AbortController().signal,
      onPhase: () => undefined,
      onProgress: () => undefined,
    }).finally(() => prepared.close());
    const advertisers = heldOutFeatures.find(({ name }) => name === 'advertiser')?.values ?? [];
    const examples = predictions.flatMap(({ part, id, label, probability }, index) => {
      const truth = data.truth.get(id);
      if (truth === undefined) return [];
      return [{ part, label, probability, truth, advertiser: String(advertisers[index]) }];
    });
    const earlier = new Map<string, { shown: number; clicks: number }>();
    for (const { part, label, advertiser } of examples) {
      if (part !== 'validation') continue;
      const seen = earlier.get(advertiser) ?? { shown: 0, clicks: 0 };
      earlier.set(advertiser, { shown: seen.shown + 1, clicks: seen.clicks + label });
    }
    const popularity = (advertiser: string) => {
      const { shown, clicks } = earlier.get(advertiser) ?? { shown: 0, clicks: 0 };
      return (clicks + 1) / (shown + 10);
    };
    const test = examples.filter(({ part }) => part === 'test');
    return auctions(test.map((example) => ({ ...example, popularity: popularity(example.advertiser) })));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Impression {
  readonly probability: number;
  readonly truth: number;
  readonly popularity: number;
}

function auctions(impressions: readonly Impression[]): RankingResult[] {
  const random = new Random(SEED, 1);
  const rules: Readonly<Record<RankingResult['ranking'], (ad: Impression, bid: number) => number>> = {
    oracle: ({ truth }, bid) => bid * truth,
    expectedValue: ({ probability }, bid) => bid * probability,
    bidTimesPopularity: ({ popularity }, bid) => bid * popularity,
    bid: (_ad, bid) => bid,
    random: () => random.uniform(),
  };
  const names = Object.keys(rules) as RankingResult['ranking'][];
  const sums = new Map(names.map((name) => [name, { value: 0, clicks: 0 }]));
  for (let auction = 0; auction < AUCTIONS; auction++) {
    const candidates = Array.from({ length: CANDIDATES }, () => ({
      ad: impressions[random.below(impressions.length)]!,
      bid: random.logNormal(1, 0.5),
    }));
    for (const name of names) {
      const scored = candidates.map(({ ad, bid }) => ({ ad, bid, score: rules[name](ad, bid) }));
      const won = scored.reduce((best, each) => (each.score > best.score ? each : best));
      const sum = sums.get(name)!;
      sum.value += (won.bid * won.ad.truth) / AUCTIONS;
      sum.clicks += won.ad.truth / AUCTIONS;
    }
  }
  const most = sums.get('oracle')!.value;
  return names.map((ranking) => {
    const { value, clicks } = sums.get(ranking)!;
    return { ranking, valuePerImpression: value, regret: 1 - value / most, clicksPerImpression: clicks };
  });
}
