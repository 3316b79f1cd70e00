import { type FeatureSpec, type SequenceField } from '../features/feature-spec';
import { type CodedColumn, type EventColumns } from './example-columns';
import { type ResultLayout } from './result-layout';
import { type PickedRows } from './value-store';

type Sequence = NonNullable<FeatureSpec['sequence']>;

/** A field's values of all rows and steps, a row's steps next to each other. */
interface StepColumn<Values extends Float32Array | Int32Array> {
  /** Of the query's result, per step. */
  readonly columns: readonly number[];
  readonly values: Values;
}

interface CodedSteps extends StepColumn<Int32Array> {
  readonly dictionary: readonly string[];
  /** Per step: from the code of its own column to that of the dictionary. */
  readonly codes: readonly Int32Array[];
}

/** The histories that a TABLE's rows hold in columns, filled chunk by chunk. */
export class StepStore {
  private readonly numeric: readonly StepColumn<Float32Array>[];
  private readonly categorical: readonly CodedSteps[];

  /** @param capacity the most rows that will come */
  constructor(
    private readonly sequence: Sequence,
    layout: ResultLayout,
    capacity: number,
  ) {
    const size = capacity * sequence.maxLength;
    this.numeric = sequence.fields
      .filter((field) => field.type === 'numeric')
      .map((field) => ({
        columns: stepsOf(field).map((step) => layout.numericColumn(step)),
        values: new Float32Array(size),
      }));
    this.categorical = sequence.fields
      .filter((field) => field.type === 'categorical')
      .map((field) => {
        const steps = stepsOf(field);
        return {
          columns: steps.map((step) => layout.codeColumn(step)),
          values: new Int32Array(size),
          ...joined(steps.map((step) => layout.dictionaryOf(step))),
        };
      });
  }

  /** Appends rows at `offset`. */
  copy(picked: PickedRows, offset: number): void {
    for (const { columns, values } of this.numeric)
      this.copySteps(picked, columns, (index, value) => {
        values[offset * columns.length + index] = value;
      });
    for (const { columns, values, codes } of this.categorical)
      this.copySteps(picked, columns, (index, value, step) => {
        values[offset * columns.length + index] = codes[step]?.[value] ?? 0;
      });
  }

  /** Of the first `count` rows. */
  events(count: number): EventColumns {
    const { maxLength } = this.sequence;
    const size = count * maxLength;
    return {
      maxLength,
      count: size,
      at: null,
      numeric: this.numeric.map(({ values }) => values.subarray(0, size)),
      categorical: this.categorical.map(({ values, dictionary }): CodedColumn => ({
        codes: values.subarray(0, size),
        dictionary,
      })),
      ends: Int32Array.from({ length: count }, (_, row) => (row + 1) * maxLength),
      lengths: Int32Array.from({ length: count }, (_, row) => this.lengthOf(row)),
    };
  }

  /** Steps from the first on that has any value. */
  private lengthOf(row: number): number {
    const { maxLength } = this.sequence;
    for (let step = 0; step < maxLength; step++) {
      const at = row * maxLength + step;
      if (this.numeric.some(({ values }) => !Number.isNaN(values[at]))) return maxLength - step;
      if (this.categorical.some(({ values }) => values[at] !== 0)) return maxLength - step;
    }
    return 0;
  }

  private copySteps(
    { chunk, rows, count }: PickedRows,
    columns: readonly number[],
    write: (index: number, value: number, step: number) => void,
  ): void {
    columns.forEach((column, step) => {
      const vector = chunk.getColumnVector(column);
      for (let index = 0; index < count; index++) {
        const value = vector.getItem(rows[index] ?? 0);
        write(index * columns.length + step, typeof value === 'number' ? value : NaN, step);
      }
    });
  }
}

/** The field at each step, as a feature that reads one column. */
function stepsOf(field: Exclude<SequenceField, { type: 'elapsed' }>) {
  const { type, name, columns = [] } = field;
  return columns.map((column) => ({ type, name, column }));
}

/** One dictionary for all steps, in byte order as theirs, so that a category has one code at all of them. */
function joined(dictionaries: readonly (readonly string[])[]): Pick<CodedSteps, 'dictionary' | 'codes'> {
  const dictionary = [...new Set(dictionaries.flat())].sort(inByteOrder);
  const codeOf = new Map(dictionary.map((category, code) => [category, code]));
  return {
    dictionary,
    codes: dictionaries.map((own) => Int32Array.from(own, (category) => codeOf.get(category) ?? 0)),
  };
}

/** The empty string, missing, is first. */
const inByteOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
