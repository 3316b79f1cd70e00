import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import shop from '../../domains/ecommerce-purchase';
import { type OccasionKinds } from '../../src/learning/decisions/items/fit-item-weights';
import { type ItemEvent } from '../../src/learning/decisions/items/item-event';
import { messageOf } from '../../src/errors';
import { significant } from '../statistics';
import { type Suite, UsageError } from '../suite';
import { counterfactual } from './counterfactual';
import { help, options, type RecommendationOptions, readOptions } from './options';
import { K, type LogResult, rankPurchases } from './rank-purchases';
import { readShopLog } from './shop-log';
import { trainBefore } from './train-before';

const GENERATED = {
  subject: 'user_id',
  at: 'at',
  kind: 'kind',
  item: 'item_id',
  category: 'category',
  brand: 'brand',
  price: 'price',
};
const REES46 = {
  file: 'ecommerce/rees46_2019_oct_head.csv.gz',
  columns: {
    subject: 'user_id',
    at: 'event_time',
    kind: 'event_type',
    item: 'product_id',
    category: 'category_id',
    brand: 'brand',
    price: 'price',
  },
};
const KINDS = { purchase: 'purchase', basket: 'cart' };
/** The share of the events that comes before what is foretold. */
const BEFORE = { generated: 0.8, rees46: 0.5 };

interface SetResult extends LogResult {
  readonly dataset: string;
}

interface RecommendationResult {
  readonly k: number;
  readonly results: readonly SetResult[];
}

/** How well the item of the next purchase is foretold, beside the usual baselines. */
export const suite: Suite<RecommendationResult> = {
  title: `hit rate and NDCG at ${K} of the item bought next, beside popularity and co-visitation, split by time`,
  options,
  help,
  async run(values, progress) {
    const options = readOptions(values);
    const results: SetResult[] = [];
    for (const seed of options.seeds) {
      progress(`generated data, seed ${seed}`);
      results.push(rounded(`generated, seed ${seed}`, await generated(seed, options)));
    }
    if (options.data === null) progress('REES46: skipped without --data <folder>');
    else results.push(rounded('REES46', await rees46(options.data)));
    return { k: K, results };
  },
  table({ results }) {
    const lines = results.flatMap(({ dataset, purchases, items, promisedHitRate, rankings }) => [
      `${dataset}: ${purchases} purchases, ${items} items; shares promise a hit rate of ${promisedHitRate}`,
      ...rankings.map(
        ({ ranking, hitRate, ndcg }) =>
          `  ${ranking.padEnd(16)}${String(hitRate).padStart(8)}${String(ndcg).padStart(8)}`,
      ),
    ]);
    return [`  ranking          hit@${K} NDCG@${K}`, ...lines].join('\n');
  },
};

async function generated(
  seed: number,
  { scale, preset, counterfactual: isWanted }: RecommendationOptions,
): Promise<LogResult> {
  const data = shop.generate({ seed, scale });
  const events = readShopLog(data.csv(), GENERATED);
  const kinds = { ...KINDS, visits: ['visit'], visitMs: 2 * 3_600_000 };
  const cut = momentAt(events, BEFORE.generated);
  if (!isWanted) return rankPurchases(events, { kinds, cut, more: {}, needsHistory: false });
  const { artifact } = await trainBefore(shop, data.csv(), { before: cut, preset, seed });
  const byModel = counterfactual(shop, artifact, kinds);
  try {
    const more = { purchaseModel: byModel.rank };
    return await rankPurchases(events, { kinds, cut, more, needsHistory: false });
  } finally {
    await byModel.close();
  }
}

/** Three hours of sessions, whose purchases are foretold two minutes before: nothing says when a visit began. */
async function rees46(folder: string): Promise<LogResult> {
  const file = path.join(folder, REES46.file);
  let text: string;
  try {
    text = gunzipSync(await readFile(file)).toString();
  } catch (error) {
    throw new UsageError(`--data: ${messageOf(error)}`, { cause: error });
  }
  const events = readShopLog(text.split('\n'), REES46.columns);
  const kinds: OccasionKinds = { ...KINDS, visits: [], visitMs: 0 };
  return rankPurchases(events, { kinds, cut: momentAt(events, BEFORE.rees46), more: {}, needsHistory: true });
}

function momentAt(events: readonly ItemEvent[], share: number): number {
  return events[Math.floor(share * events.length)]?.at ?? 0;
}

function rounded(dataset: string, { promisedHitRate, rankings, ...counts }: LogResult): SetResult {
  return {
    dataset,
    ...counts,
    promisedHitRate: significant(promisedHitRate, 3),
    rankings: rankings.map(({ ranking, hitRate, ndcg }) => ({
      ranking,
      hitRate: significant(hitRate, 3),
      ndcg: significant(ndcg, 3),
    })),
  };
}
