import { generateCandidates, MAX_GENERATED } from '../../src/learning/decisions/items/candidates';
import {
  fitItemModel,
  historiesIn,
  type Occasion,
  type OccasionKinds,
  occasionsOf,
} from '../../src/learning/decisions/items/fit-item-weights';
import { type ItemEvent } from '../../src/learning/decisions/items/item-event';
import { companyOf } from '../../src/learning/decisions/items/item-features';
import { type ItemIndex } from '../../src/learning/decisions/items/item-index';
import { ownActivity } from '../../src/learning/decisions/items/own-activity';
import { recommend } from '../../src/learning/decisions/items/recommend';

/** Items that are shown. */
export const K = 10;

/** What a purchase is foretold from. */
export interface Asked {
  readonly occasion: Occasion;
  readonly history: readonly ItemEvent[];
  readonly index: ItemIndex;
}

/** Item ids, best first. */
export type Ranker = (asked: Asked) => readonly string[] | Promise<readonly string[]>;

export interface RankingResult {
  readonly ranking: string;
  /** Purchases whose item was among the first ten, of all. */
  readonly hitRate: number;
  /** Mean of 1 / log₂(rank + 1), 0 beyond the tenth. */
  readonly ndcg: number;
}

export interface LogResult {
  readonly purchases: number;
  readonly items: number;
  /** What the shares of the items shown promise as a hit rate: near `hitRate` where they are calibrated. */
  readonly promisedHitRate: number;
  readonly rankings: readonly RankingResult[];
}

/**
 * Ranks items for every purchase of the last part of a log, by what was known when its visit began. Index and weights
 * are of the part before and are not changed meanwhile; of the customer, every event before the visit counts.
 */
export async function rankPurchases(
  events: readonly ItemEvent[],
  {
    kinds,
    cut,
    more,
    needsHistory,
  }: {
    readonly kinds: OccasionKinds;
    /** Milliseconds since 1970: what is from here on is foretold. */
    readonly cut: number;
    readonly more: Readonly<Record<string, Ranker>>;
    /** Leaves out purchases of which nothing came before. */
    readonly needsHistory: boolean;
  },
): Promise<LogResult> {
  const model = await fitItemModel(
    events.filter(({ at }) => at < cut),
    kinds,
  );
  const { index } = model;
  const historyOf = historiesIn(events);
  const occasions = occasionsOf(events, kinds).filter(
    ({ at, subjectId }) => at >= cut && (!needsHistory || historyOf(subjectId, at).length > 0),
  );
  const order = new Map(index.popular.map((id, place) => [id, place]));
  const byValue = (values: ReadonlyMap<string, number>): string[] => [
    ...[...values]
      .sort(([a, x], [b, y]) => y - x || (order.get(a) ?? Infinity) - (order.get(b) ?? Infinity))
      .map(([id]) => id),
    ...index.popular,
  ];
  let promised = 0;
  const rankers: Record<string, Ranker> = {
    popularity: () => index.popular,
    coVisitation: ({ history, occasion }) => {
      const company = companyOf(index, ownActivity(history, kinds, occasion.at));
      return byValue(new Map([...company].map(([id, { sum }]) => [id, sum])));
    },
    lastSeen: ({ history, occasion }) => [
      ...[...ownActivity(history, kinds, occasion.at).items.keys()].reverse(),
      ...index.popular,
    ],
    ...more,
    recommendItems: ({ history, occasion }) => {
      const { items } = recommend({
        model,
        kinds,
        history,
        now: occasion.at,
        candidates: null,
        intent: 1,
        first: K,
        diversity: { maxPerGroup: null, repeatFactor: 1 },
        rebuyAfterMs: 0,
        marginOf: () => null,
      });
      promised += items.reduce((sum, { share }) => sum + share, 0);
      return items.map(({ itemId }) => itemId);
    },
  };
  const sums = Object.keys(rankers).map((ranking) => ({ ranking, hits: 0, gain: 0 }));
  for (const occasion of occasions) {
    const asked = { occasion, history: historyOf(occasion.subjectId, occasion.at), index };
    for (const sum of sums) {
      const ranked = new Set((await rankers[sum.ranking]?.(asked)) ?? []);
      const place = [...ranked].slice(0, K).indexOf(occasion.itemId);
      if (place < 0) continue;
      sum.hits++;
      sum.gain += 1 / Math.log2(place + 2);
    }
  }
  const count = occasions.length;
  return {
    purchases: count,
    items: index.items.size,
    promisedHitRate: promised / count,
    rankings: sums.map(({ ranking, hits, gain }) => ({
      ranking,
      hitRate: hits / count,
      ndcg: gain / count,
    })),
  };
}

/** The items that the service would weigh. */
export function candidatesFor({ history, occasion, index }: Asked, kinds: OccasionKinds): string[] {
  const own = ownActivity(history, kinds, occasion.at);
  return generateCandidates(index, own, companyOf(index, own)).slice(0, MAX_GENERATED);
}
