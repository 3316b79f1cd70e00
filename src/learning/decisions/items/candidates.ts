import { type Company } from './item-features';
import { type ItemIndex } from './item-index';
import { type OwnActivity } from './own-activity';

/** Items that are weighed where none are given, at most. */
export const MAX_GENERATED = 120;
const OF_EACH_CATEGORY = 20;
const MAX_CATEGORIES = 3;
const OWN = 40;
const TOGETHER = 40;

/**
 * The items worth weighing for a subject: its own recent ones, those seen together with them, the most bought of the
 * categories that it cares for, and the most bought of all.
 */
export function generateCandidates(
  index: ItemIndex,
  own: OwnActivity,
  company: ReadonlyMap<string, { readonly sum: number; readonly best: Company }>,
): string[] {
  const chosen = new Set<string>();
  const take = (ids: Iterable<string>, most: number): void => {
    let taken = 0;
    for (const id of ids) {
      if (taken >= most || chosen.size >= MAX_GENERATED) return;
      if (chosen.has(id)) continue;
      chosen.add(id);
      taken++;
    }
  };
  take([...own.items.keys()].reverse(), OWN);
  take(
    [...company].sort(([a, x], [b, y]) => y.sum - x.sum || (a < b ? -1 : 1)).map(([id]) => id),
    TOGETHER,
  );
  const categories = [...own.categories].sort(([, a], [, b]) => b - a).slice(0, MAX_CATEGORIES);
  for (const [category] of categories) take(index.byCategory.get(category) ?? [], OF_EACH_CATEGORY);
  take(index.popular, MAX_GENERATED);
  return [...chosen];
}
