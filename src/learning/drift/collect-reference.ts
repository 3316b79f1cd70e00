import { type FeatureSpec } from '../features/feature-spec';
import { type PreparedPart } from '../preparation/prepared-examples';
import { type DriftColumn, driftColumns, visitColumn } from './drift-columns';
import { type DriftReference, type ReferenceColumn } from './drift-reference';
import { EffectiveCount } from './effective-count';
import { fitCategories, fitNumbers } from './histogram';

/** Examples that the reference is made of, and values that are held for it at a time, at most. */
const MAX_EXAMPLES = 20_000;
const MAX_VALUES = 8_000_000;
const MIN_EXAMPLES = 500;
const BLOCK = 1024;

export interface ReferenceSource {
  readonly spec: FeatureSpec;
  readonly train: PreparedPart;
  readonly test: Pick<PreparedPart, 'entities_N'>;
  /** The artifact's answers on the test part. */
  readonly testProbabilities_N: Float32Array;
  readonly signal: AbortSignal;
}

/** What the inputs, scores and labels of a training were; of a long training part, of examples spread over it evenly. */
export async function collectReference(source: ReferenceSource): Promise<DriftReference> {
  const { spec, train, test, testProbabilities_N, signal } = source;
  const columns = driftColumns(spec).map((column) => new ColumnValues(column));
  const examples = drawn(train.count, mostExamples(spec));
  for (let from = 0; from < examples.length; from += BLOCK) {
    signal.throwIfAborted();
    const block = examples.subarray(from, from + BLOCK);
    const raw = await train.readRaw(block);
    for (const column of columns)
      visitColumn(column.of, raw, (value, example) => {
        column.add(value, subjectOf(train, block[example] ?? 0));
      });
  }
  const effective = new EffectiveCount();
  testProbabilities_N.forEach((_probability, n) => effective.add(subjectOf(test, n)));
  const ofLabels = new EffectiveCount();
  train.labels_N.forEach((_label, n) => ofLabels.add(subjectOf(train, n)));
  return {
    version: 1,
    columns: columns.map((column) => column.reference()),
    score: {
      part: 'SCORE',
      name: 'probability',
      effective: effective.value,
      histogram: fitNumbers(testProbabilities_N),
    },
    label: {
      examples: train.count,
      positives: train.labels_N.reduce((sum, label) => sum + label, 0),
      effective: ofLabels.value,
    },
  };
}

class ColumnValues {
  private readonly numbers: number[] = [];
  private readonly texts: string[] = [];
  private readonly effective = new EffectiveCount();

  constructor(readonly of: DriftColumn) {}

  add(value: number | string, subject: number): void {
    if (typeof value === 'string') this.texts.push(value);
    else this.numbers.push(value);
    this.effective.add(subject);
  }

  reference(): ReferenceColumn {
    const { part, name, isText } = this.of;
    const histogram = isText ? fitCategories(this.texts) : fitNumbers(this.numbers);
    return { part, name, effective: this.effective.value, histogram };
  }
}

/** Where the data does not say, each example is a subject of its own. */
const subjectOf = ({ entities_N }: Pick<PreparedPart, 'entities_N'>, example: number): number =>
  entities_N?.[example] ?? -1 - example;

function mostExamples(spec: FeatureSpec): number {
  const { maxLength = 0 } = spec.sequence ?? {};
  const values = driftColumns(spec).reduce(
    (sum, { part, width }) => sum + width * (part === 'FIELD' ? maxLength : 1),
    0,
  );
  return Math.max(MIN_EXAMPLES, Math.min(MAX_EXAMPLES, Math.floor(MAX_VALUES / Math.max(1, values))));
}

function drawn(count: number, most: number): Int32Array {
  const length = Math.min(count, most);
  return Int32Array.from({ length }, (_, n) => Math.floor((n * count) / length));
}
