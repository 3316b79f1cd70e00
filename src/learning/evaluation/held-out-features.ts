import { type FeatureSpec, isNumber } from '../features/feature-spec';
import { type RawExamples } from '../features/raw-examples';

/** Values kept of all features together, and features kept, at most: what a file beside the predictions may take. */
const MAX_VALUES = 4_000_000;
const MAX_FEATURES = 64;

/** A feature's raw values of the held-out examples, by which they can be sliced. */
export interface HeldOutFeature {
  readonly name: string;
  /** Numbers (NaN is missing) or categories ('' is missing): [N]. */
  readonly values: Float32Array | readonly string[];
}

/**
 * Collects the features of one value, numbers and categories, of the held-out examples: the specification's first ones,
 * as many as fit into the bounds.
 */
export class HeldOutFeatures {
  private readonly numeric: { name: string; values: Float32Array }[];
  private readonly categorical: { name: string; values: string[] }[];
  private readonly order: readonly string[];

  /** @param count held-out examples */
  constructor(spec: FeatureSpec, count: number) {
    const most = Math.min(MAX_FEATURES, Math.floor(MAX_VALUES / Math.max(1, count)));
    const kept = spec.features
      .filter((feature) => isNumber(feature) || feature.type === 'categorical')
      .slice(0, most);
    this.order = kept.map(({ name }) => name);
    this.numeric = kept
      .filter((feature) => isNumber(feature))
      .map(({ name }) => ({ name, values: new Float32Array(count) }));
    this.categorical = kept
      .filter(({ type }) => type === 'categorical')
      .map(({ name }) => ({ name, values: new Array<string>(count).fill('') }));
  }

  /** @param first the number of the first of these examples */
  add(raw: RawExamples, first: number): void {
    for (const { name, values } of this.numeric) {
      const read = raw.numeric[name];
      if (read) values.set(read, first);
    }
    for (const { name, values } of this.categorical)
      raw.categorical[name]?.forEach((value, index) => {
        values[first + index] = value;
      });
  }

  /** In the specification's order. */
  collected(): readonly HeldOutFeature[] {
    const all: readonly HeldOutFeature[] = [...this.numeric, ...this.categorical];
    return this.order.flatMap((name) => all.filter((feature) => feature.name === name));
  }
}
