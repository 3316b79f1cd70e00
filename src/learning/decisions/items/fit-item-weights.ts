import { generateCandidates } from './candidates';
import { type Choice, choiceModelSteps } from './choice-model';
import { inTurns, type Steps } from './in-turns';
import { DAY_MS, type ItemEvent, type ItemKinds } from './item-event';
import { companyOf, itemFeatures } from './item-features';
import { type ItemIndex, itemIndexSteps } from './item-index';
import { ownActivity } from './own-activity';

/** Weights before a shop's own purchases are seen, in the order of the features: interest first, then what sells. */
export const PRIOR_WEIGHTS: readonly number[] = [2, 1, 1, 2, 2, 0.5, 0, 0.7, 0.3];
/** Occasions that the prior weighs. */
const PRIOR_STRENGTH = 2;
/** Occasions that are learnt from, the latest: bounds the work. */
const MAX_OCCASIONS = 300;
/** The index that features are read from ends where the occasions begin. */
const INDEX_SHARE = 0.7;
/** How long before a purchase its visit begins, where the events do not say. */
export const LEAD_MS = 2 * 60_000;

export interface OccasionKinds extends ItemKinds {
  /** Kinds of events at which a visit begins; empty where none says so. */
  readonly visits: readonly string[];
  /** A purchase belongs to the latest visit that began at most so long before. */
  readonly visitMs: number;
}

/** A purchase, and the moment from which it is foretold. */
export interface Occasion {
  readonly subjectId: string;
  readonly at: number;
  readonly itemId: string;
}

/** What becomes of a look at the events of a shop: an index of its items, and how to weigh them. */
export interface ItemModel {
  readonly index: ItemIndex;
  readonly weights: readonly number[];
  /** Purchases that the weights were fitted to. */
  readonly occasions: number;
  /** How often the item that was bought was among the candidates, of all purchases that were looked at; 0..1. */
  readonly coverage: number;
}

/**
 * The purchases in events, each with the beginning of its visit; where no event says when that was, with a moment two
 * minutes before. One per subject, item and visit.
 * @param events in the order of time
 */
export function occasionsOf(events: readonly ItemEvent[], kinds: OccasionKinds): Occasion[] {
  const visits = new Map<string, number>();
  const seen = new Set<string>();
  const occasions: Occasion[] = [];
  for (const { subjectId, at, kind, itemId } of events) {
    if (kinds.visits.includes(kind)) visits.set(subjectId, at);
    if (kind !== kinds.purchase || itemId === null) continue;
    const visit = visits.get(subjectId) ?? -Infinity;
    const moment = at - visit <= kinds.visitMs ? visit : at - LEAD_MS;
    const key = `${moment} ${subjectId} ${itemId}`;
    if (seen.has(key)) continue;
    seen.add(key);
    occasions.push({ subjectId, at: moment, itemId });
  }
  return occasions;
}

/** A subject's events strictly before a moment. */
export function historiesIn(
  events: readonly ItemEvent[],
): (subjectId: string, before: number) => readonly ItemEvent[] {
  const bySubject = new Map<string, ItemEvent[]>();
  for (const event of events) {
    const list = bySubject.get(event.subjectId);
    if (list) list.push(event);
    else bySubject.set(event.subjectId, [event]);
  }
  return (subjectId, before) => (bySubject.get(subjectId) ?? []).filter(({ at }) => at < before);
}

/**
 * Learns from a shop's own events what its customers buy next. The weights are fitted to the purchases among the last
 * three tenths of the events, with an index of what came before them, so that none is foretold from itself; then the
 * index is of all.
 * @param events in the order of time
 */
export async function fitItemModel(events: readonly ItemEvent[], kinds: OccasionKinds): Promise<ItemModel> {
  return inTurns(itemModelSteps(events, kinds));
}

/**
 * The items of some events, weighed as in any shop: what there is before a shop's own purchases are looked at.
 * @param events in the order of time
 */
export async function priorItemModel(events: readonly ItemEvent[], kinds: OccasionKinds): Promise<ItemModel> {
  const index = await inTurns(itemIndexSteps(events, kinds));
  return { index, weights: PRIOR_WEIGHTS, occasions: 0, coverage: 1 / 2 };
}

function* itemModelSteps(events: readonly ItemEvent[], kinds: OccasionKinds): Steps<ItemModel> {
  const index = yield* itemIndexSteps(events, kinds);
  const cut = events[Math.floor(INDEX_SHARE * events.length)]?.at ?? 0;
  const before = yield* itemIndexSteps(
    events.filter(({ at }) => at < cut),
    kinds,
  );
  const historyOf = historiesIn(events);
  yield;
  const occasions = occasionsOf(events, kinds)
    .filter(({ at }) => at >= cut)
    .slice(-MAX_OCCASIONS);
  const choices: Choice[] = [];
  for (const { subjectId, at, itemId } of occasions) {
    yield;
    const own = ownActivity(historyOf(subjectId, at), kinds, at);
    const company = companyOf(before, own);
    const candidates = generateCandidates(before, own, company);
    const chosen = candidates.indexOf(itemId);
    if (chosen < 0) continue;
    const features = candidates.map((id) => itemFeatures(factsOf(id, before, index), before, own, company));
    choices.push({ features, chosen });
  }
  return {
    index,
    weights: yield* choiceModelSteps(choices, PRIOR_WEIGHTS, PRIOR_STRENGTH),
    occasions: choices.length,
    // As if one had been found and one not, before any was seen.
    coverage: (choices.length + 1) / (occasions.length + 2),
  };
}

/** An item's own facts do not tell what happens to it: they may be taken from later. */
function factsOf(id: string, before: ItemIndex, all: ItemIndex) {
  return before.items.get(id) ?? all.items.get(id) ?? { id, category: null, brand: null };
}

/** Days that an index covers. */
export function daysOf({ from, until }: ItemIndex): number {
  return from === null || until === null ? 0 : (until - from) / DAY_MS;
}
