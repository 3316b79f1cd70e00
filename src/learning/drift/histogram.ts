import { isMissing } from './drift-columns';
import { type CategoriesHistogram, type Histogram, type NumbersHistogram } from './drift-reference';

/** Quantiles that are kept of numbers, and categories by name, at most. */
const MAX_CUTS = 100;
const MAX_CATEGORIES = 1_000;
const MAX_CATEGORY_CHARACTERS = 200;

/** The quantiles of numbers, with how many lie between them. @param values NaN is missing */
export function fitNumbers(values: ArrayLike<number>): NumbersHistogram {
  const known = Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();
  const cuts: number[] = [];
  const smallest = known[0];
  if (smallest !== undefined) {
    cuts.push(smallest - Math.max(Math.abs(smallest) * 1e-6, 1e-12));
    for (let k = 0; k <= MAX_CUTS; k++) {
      const cut = known[Math.round((k / MAX_CUTS) * (known.length - 1))] ?? NaN;
      if (cut > (cuts.at(-1) ?? NaN)) cuts.push(cut);
    }
  }
  return fill(
    { type: 'numbers', cuts, counts: new Array<number>(cuts.length + 1).fill(0), missing: 0 },
    values,
  );
}

/** The most frequent categories. @param values '' is missing */
export function fitCategories(values: readonly string[]): CategoriesHistogram {
  const frequency = new Map<string, number>();
  for (const value of values)
    if (!isMissing(value) && value.length <= MAX_CATEGORY_CHARACTERS)
      frequency.set(value, (frequency.get(value) ?? 0) + 1);
  const categories = [...frequency]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, MAX_CATEGORIES)
    .map(([category]) => category);
  const counts = categories.map(() => 0);
  return fill({ type: 'categories', categories, counts, unlisted: 0, missing: 0 }, values);
}

/** One of the same bins with nothing in it. */
export function emptyLike<H extends Histogram>(histogram: H): H {
  return {
    ...histogram,
    counts: histogram.counts.map(() => 0),
    missing: 0,
    ...('unlisted' in histogram ? { unlisted: 0 } : {}),
  };
}

/** Counts values into a histogram, which is changed. */
export class HistogramCounter {
  private readonly places: ReadonlyMap<string, number>;

  constructor(readonly histogram: Histogram) {
    this.places = new Map(
      histogram.type === 'categories' ? histogram.categories.map((category, place) => [category, place]) : [],
    );
  }

  add(value: number | string): void {
    const { histogram } = this;
    if (isMissing(value)) histogram.missing++;
    else if (histogram.type === 'numbers') bump(histogram.counts, placeOf(histogram.cuts, Number(value)));
    else {
      const place = this.places.get(String(value));
      if (place === undefined) histogram.unlisted++;
      else bump(histogram.counts, place);
    }
  }
}

function fill<H extends Histogram>(histogram: H, values: ArrayLike<number | string>): H {
  const counter = new HistogramCounter(histogram);
  for (let n = 0; n < values.length; n++) counter.add(values[n] ?? NaN);
  return histogram;
}

function bump(counts: number[], place: number): void {
  counts[place] = (counts[place] ?? 0) + 1;
}

/** The first cut that is not below the value; their number if none is. */
function placeOf(cuts: readonly number[], value: number): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cuts[middle] ?? NaN) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
