import { type CategoryCleaning } from '../../features/cleaning';

/** A spelling that is another's meaning already stays what it is, and what was to become it becomes the same. */
export function mergeSpellings(
  cleaning: CategoryCleaning,
  pairs: ReadonlyArray<readonly [from: string, to: string]>,
): CategoryCleaning {
  const own = cleaning.spellings ?? [];
  const meant = new Map(own);
  const settled = new Set(own.flat());
  const added = pairs
    .map(([from, to]): [string, string] => [from, meant.get(to) ?? to])
    .filter(([from, to]) => !settled.has(from) && from !== to);
  return added.length === 0 ? cleaning : { ...cleaning, spellings: [...own, ...added] };
}

export const union = <T>(before: readonly T[] | undefined, more: readonly T[]): T[] => [
  ...new Set([...(before ?? []), ...more]),
];
