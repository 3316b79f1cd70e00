import { type FeatureSpec, isNumber } from '../../learning/features/feature-spec';
import { FIELDS, readTestPart } from './held-out-records';

/** Categories that are listed, the most frequent first. */
const LISTED_VALUES = 50;

/** A feature by which the held-out examples can be sliced, and what it is in them. */
export interface SliceFeature {
  readonly name: string;
  readonly kind: 'NUMBER' | 'CATEGORY';
  readonly count: number;
  readonly missing: number;
  /** Of a category: how many different ones, and the most frequent of them. */
  readonly different: number | null;
  readonly values: ReadonlyArray<{ readonly value: string; readonly count: number }>;
  /** Of a number that is not missing everywhere: least, first quartile, median, third quartile, largest. */
  readonly quantiles: readonly number[];
}

export async function sliceFeatures(path: string, spec: FeatureSpec): Promise<SliceFeature[]> {
  const tallies: Tally[] = [];
  await readTestPart(path, ({ features }) => {
    for (const name of features) {
      const feature = spec.features.find((candidate) => candidate.name === name);
      tallies.push(feature && isNumber(feature) ? new NumberTally(name) : new CategoryTally(name));
    }
    return (fields) =>
      tallies.forEach((tally, index) => tally.add(fields[FIELDS.firstFeature + index] ?? ''));
  });
  return tallies.map((tally) => tally.summary());
}

interface Tally {
  add(text: string): void;
  summary(): SliceFeature;
}

class NumberTally implements Tally {
  private missing = 0;
  private readonly numbers: number[] = [];

  constructor(private readonly name: string) {}

  add(text: string): void {
    if (text === '') this.missing++;
    else this.numbers.push(Number(text));
  }

  summary(): SliceFeature {
    const sorted = Float64Array.from(this.numbers).sort();
    const quantiles =
      sorted.length === 0
        ? []
        : [0, 0.25, 0.5, 0.75, 1].map((share) => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN);
    return {
      ...{ name: this.name, kind: 'NUMBER', count: sorted.length + this.missing, missing: this.missing },
      ...{ different: null, values: [], quantiles },
    };
  }
}

class CategoryTally implements Tally {
  private count = 0;
  private missing = 0;
  private readonly counts = new Map<string, number>();

  constructor(private readonly name: string) {}

  add(text: string): void {
    this.count++;
    if (text === '') this.missing++;
    else this.counts.set(text, (this.counts.get(text) ?? 0) + 1);
  }

  summary(): SliceFeature {
    const values = [...this.counts]
      .map(([value, count]) => ({ value, count }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
      .slice(0, LISTED_VALUES);
    return {
      ...{ name: this.name, kind: 'CATEGORY', count: this.count, missing: this.missing },
      ...{ different: this.counts.size, values, quantiles: [] },
    };
  }
}
