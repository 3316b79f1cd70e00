import { type Recommendation } from '../../../src/learning/decisions/items/recommend';

/** A reason as a shop may show it: what the events say, nothing more. */
export function reasonText({ reason, category, brand }: Recommendation): string {
  const { code, own, withItemId } = reason;
  switch (code) {
    case 'IN_BASKET':
      return `in the basket since ${day(own?.inBasketSince ?? null)}`;
    case 'LOOKED_AT': {
      const looks = own?.looksThisWeek ?? 0;
      if (looks > 0) return `looked at ${times(looks)} in the last seven days`;
      return `looked at on ${day(own?.lastAt ?? null)}`;
    }
    case 'TOGETHER':
      return withItemId === null ? 'seen together with other items' : `seen together with ${withItemId}`;
    case 'CATEGORY':
      return `of ${category ?? 'a category'}, which was looked at lately`;
    case 'BRAND':
      return `of ${brand ?? 'a brand'}, which was looked at lately`;
    case 'BOUGHT_BEFORE':
      return `bought on ${day(own?.boughtAt ?? null)}`;
    case 'POPULAR':
      return 'bought by many';
  }
}

function times(count: number): string {
  return ['once', 'twice'][count - 1] ?? `${count} times`;
}

function day(at: number | null): string {
  return at === null ? 'an earlier day' : new Date(at).toISOString().slice(0, 10);
}
