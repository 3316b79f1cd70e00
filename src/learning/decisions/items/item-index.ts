import { atOnce, type Steps } from './in-turns';
import { DAY_MS, type ItemEvent, type ItemKinds } from './item-event';

/** Neighbours that are kept of an item. */
const MAX_NEIGHBOURS = 30;
/** Items of a subject's day that are paired, the latest: pairs grow with their square. */
const MAX_PAIRED = 20;
/** Days that an item must be seen in before its company counts as much as it says. */
const SHRINKAGE = 3;
const EVENTS_PER_STEP = 200;
const DAYS_PER_STEP = 20;

export interface ItemFacts {
  readonly id: string;
  /** As the latest event that said so has it. */
  readonly category: string | null;
  readonly brand: string | null;
  readonly price: number | null;
  /** Events of it that are no purchases. */
  readonly looks: number;
  readonly purchases: number;
}

export interface Neighbour {
  readonly id: string;
  /** Cosine of the days that subjects saw one and the other in, shrunk where they are few: 0..1. */
  readonly similarity: number;
}

/** What a span of a shop's events says of its items. */
export interface ItemIndex {
  readonly items: ReadonlyMap<string, ItemFacts>;
  /** The most similar first. */
  readonly neighbours: ReadonlyMap<string, readonly Neighbour[]>;
  /** Ids by purchases, then looks, then id. */
  readonly popular: readonly string[];
  /** Of each category, in the order of `popular`. */
  readonly byCategory: ReadonlyMap<string, readonly string[]>;
  readonly events: number;
  /** Milliseconds since 1970; null when there are none. */
  readonly from: number | null;
  readonly until: number | null;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** @param events in the order of time */
export function buildItemIndex(events: readonly ItemEvent[], kinds: ItemKinds): ItemIndex {
  return atOnce(itemIndexSteps(events, kinds));
}

/** @param events in the order of time */
export function* itemIndexSteps(events: readonly ItemEvent[], kinds: ItemKinds): Steps<ItemIndex> {
  const items = new Map<string, Mutable<ItemFacts>>();
  const days = new Map<string, Set<string>>();
  for (const [place, event] of events.entries()) {
    if (place % EVENTS_PER_STEP === 0) yield;
    const { itemId, kind } = event;
    if (itemId === null) continue;
    let facts = items.get(itemId);
    if (!facts) {
      facts = { id: itemId, category: null, brand: null, price: null, looks: 0, purchases: 0 };
      items.set(itemId, facts);
    }
    facts.category = event.category ?? facts.category;
    facts.brand = event.brand ?? facts.brand;
    facts.price = event.price ?? facts.price;
    if (kind === kinds.purchase) facts.purchases++;
    else facts.looks++;
    const day = `${Math.floor(event.at / DAY_MS)} ${event.subjectId}`;
    const seen = days.get(day);
    if (!seen) days.set(day, new Set([itemId]));
    else {
      // The latest last.
      seen.delete(itemId);
      seen.add(itemId);
    }
  }
  const popular = [...items.values()]
    .sort((a, b) => b.purchases - a.purchases || b.looks - a.looks || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
  const byCategory = new Map<string, string[]>();
  for (const id of popular) {
    const category = items.get(id)?.category ?? null;
    if (category === null) continue;
    const list = byCategory.get(category);
    if (list) list.push(id);
    else byCategory.set(category, [id]);
  }
  return {
    items,
    neighbours: yield* neighboursOf([...days.values()]),
    popular,
    byCategory,
    events: events.length,
    from: events[0]?.at ?? null,
    until: events.at(-1)?.at ?? null,
  };
}

function* neighboursOf(days: ReadonlyArray<ReadonlySet<string>>): Steps<Map<string, readonly Neighbour[]>> {
  const counts = new Map<string, number>();
  const pairs = new Map<string, Map<string, number>>();
  for (const [place, day] of days.entries()) {
    if (place % DAYS_PER_STEP === 0) yield;
    const ids = [...day].slice(-MAX_PAIRED);
    for (const id of ids) {
      counts.set(id, (counts.get(id) ?? 0) + 1);
      let row = pairs.get(id);
      if (!row) pairs.set(id, (row = new Map<string, number>()));
      for (const other of ids) if (other !== id) row.set(other, (row.get(other) ?? 0) + 1);
    }
  }
  const neighbours = new Map<string, readonly Neighbour[]>();
  for (const [id, row] of pairs) {
    yield;
    const list = [...row].map(([other, together]) => ({
      id: other,
      similarity: together / (Math.sqrt((counts.get(id) ?? 0) * (counts.get(other) ?? 0)) + SHRINKAGE),
    }));
    list.sort((a, b) => b.similarity - a.similarity || (a.id < b.id ? -1 : 1));
    if (list.length > 0) neighbours.set(id, list.slice(0, MAX_NEIGHBOURS));
  }
  return neighbours;
}
