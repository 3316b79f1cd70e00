import { type FeatureSpec } from '../features/feature-spec';
import { type RawExamples } from '../features/raw-examples';
import { type DriftColumn, driftColumns, visitColumn } from './drift-columns';
import { type DriftReference, type ReferenceColumn } from './drift-reference';
import { EffectiveCount } from './effective-count';
import { emptyLike, HistogramCounter } from './histogram';

/** Examples that were scored, in the bins of a reference. */
export interface LiveColumns {
  /** In the order of the reference's; those that the specification does not have are absent. */
  readonly columns: readonly ReferenceColumn[];
  readonly score: ReferenceColumn;
}

interface Counted {
  readonly of: DriftColumn;
  readonly reference: ReferenceColumn;
  readonly counter: HistogramCounter;
  readonly effective: EffectiveCount;
}

/** Counts examples that were scored, block by block. */
export class LiveValues {
  private readonly counted: readonly Counted[];
  private readonly scores: HistogramCounter;
  private readonly effective = new EffectiveCount();
  private count = 0;

  constructor(
    spec: FeatureSpec,
    private readonly reference: DriftReference,
  ) {
    const columns = driftColumns(spec);
    this.counted = reference.columns.flatMap((of) => {
      const column = columns.find(({ part, name }) => part === of.part && name === of.name);
      const counter = new HistogramCounter(emptyLike(of.histogram));
      return column ? [{ of: column, reference: of, counter, effective: new EffectiveCount() }] : [];
    });
    this.scores = new HistogramCounter(emptyLike(reference.score.histogram));
  }

  /** @param subjects whose each is; null: nobody else's */
  add(raw: RawExamples, subjects: readonly (string | null)[], probabilities: readonly number[]): void {
    const keys = subjects.map((subject, n) => subject ?? this.count + n);
    this.count += subjects.length;
    for (const { of, counter, effective } of this.counted)
      visitColumn(of, raw, (value, example) => {
        counter.add(value);
        effective.add(keys[example] ?? example);
      });
    probabilities.forEach((probability, n) => {
      // As the reference has them.
      this.scores.add(Math.fround(probability));
      this.effective.add(keys[n] ?? n);
    });
  }

  live(): LiveColumns {
    return {
      columns: this.counted.map(({ reference, counter, effective }) => ({
        ...reference,
        effective: effective.value,
        histogram: counter.histogram,
      })),
      score: { ...this.reference.score, effective: this.effective.value, histogram: this.scores.histogram },
    };
  }
}
