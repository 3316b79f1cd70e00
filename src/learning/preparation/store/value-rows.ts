import { isCompound } from '../../features/compound';
import { isNumber, type SequenceField, type StaticFeature } from '../../features/feature-spec';
import { columnOf } from '../column-plan';
import { type CompoundColumn } from '../compound-columns';
import { type CodedColumn } from '../example-columns';
import { copyNumbers, type PickedRows } from '../picked-rows';
import { type ResultLayout } from '../result-layout';
import { type CellWords, cellWords } from './cell-words';
import { joinDictionaries } from './join-dictionaries';
import { type RowBuffer } from './row-buffer';

/** A feature that has a word in each row. */
interface ValueWord {
  /** Of the query's result: one for each step that a row of the file holds. */
  readonly columns: readonly number[];
  readonly word: number;
}

interface CodeWord extends ValueWord {
  readonly dictionary: readonly string[];
  /** Per step: from the code of its own column to that of the dictionary; null where they are the same. */
  readonly codes: readonly Int32Array[] | null;
}

/**
 * Where in a row the values of some features are, one 32-bit word each: float32, or a category's code. Compound features
 * have words of their own.
 *
 * A row of the file is one such row, or as many as it has steps: those of a TABLE's history in columns.
 */
export class ValueRows {
  /** Of a whole row, with what comes before the values; even. */
  readonly words: number;
  /** Per feature that is one number in spec order; null for those that are computed from moments. */
  private readonly numeric: ReadonlyArray<ValueWord | null>;
  private readonly categorical: readonly CodeWord[];
  private readonly compound: readonly CellWords[];

  /** @param firstWord the words before it are not of features */
  constructor(
    features: ReadonlyArray<StaticFeature | SequenceField>,
    layout: ResultLayout,
    firstWord: number,
  ) {
    let word = firstWord;
    this.numeric = features
      .filter((feature) => isNumber(feature))
      .map((feature) => {
        if (feature.type === 'derived') return { columns: [layout.numericColumn(feature)], word: word++ };
        if (feature.type !== 'numeric') return null;
        return { columns: stepsOf(feature).map((step) => layout.numericColumn(step)), word: word++ };
      });
    this.categorical = features
      .filter((feature) => feature.type === 'categorical')
      .map((feature) => {
        const steps = stepsOf(feature);
        return {
          columns: steps.map((step) => layout.codeColumn(step)),
          word: word++,
          ...joinDictionaries(steps.map((step) => layout.dictionaryOf(step))),
        };
      });
    this.compound = features
      .filter((feature) => isCompound(feature))
      .map((feature) => {
        const cell = cellWords(feature, layout, word);
        word = cell.end;
        return cell;
      });
    this.words = word + (word % 2);
  }

  get numericCount(): number {
    return this.numeric.length;
  }

  get dictionaries(): ReadonlyArray<readonly string[]> {
    return this.categorical.map(({ dictionary }) => dictionary);
  }

  /** Writes picked rows, each with all its steps, as the first of a buffer. */
  write(picked: PickedRows, into: RowBuffer): void {
    const { words } = this;
    for (const value of this.numeric)
      value?.columns.forEach((column, step, { length }) => {
        copyNumbers(picked, column, into.floats, {
          first: step * words + value.word,
          stride: words * length,
        });
      });
    for (const { columns, word, codes } of this.categorical)
      columns.forEach((column, step, { length }) => {
        const place = { first: step * words + word, stride: words * length };
        copyNumbers(picked, column, into.ints, place);
        const own = codes?.[step];
        if (!own) return;
        for (let row = 0, at = place.first; row < picked.count; row++, at += place.stride)
          into.ints[at] = own[into.ints[at] ?? 0] ?? 0;
      });
    for (const cell of this.compound) cell.write(picked, into);
  }

  /** Whether a row has any value. */
  isGiven(row: number, { floats, ints, words }: RowBuffer): boolean {
    const first = row * words;
    return (
      this.numeric.some((value) => value && !Number.isNaN(floats[first + value.word])) ||
      this.categorical.some(({ word }) => ints[first + word] !== 0)
    );
  }

  /** A numeric column of the first `count` rows; null for one that is computed from moments. */
  numbers(column: number, rows: RowBuffer, count: number): Float32Array | null {
    const value = this.numeric[column];
    if (!value) return null;
    const values = new Float32Array(count);
    for (let row = 0, at = value.word; row < count; row++, at += rows.words)
      values[row] = rows.floats[at] ?? NaN;
    return values;
  }

  codes(column: number, rows: RowBuffer, count: number): Int32Array {
    const codes = new Int32Array(count);
    const first = this.categorical[column]?.word ?? 0;
    for (let row = 0, at = first; row < count; row++, at += rows.words) codes[row] = rows.ints[at] ?? 0;
    return codes;
  }

  /** The first `count` rows of each compound feature. */
  cells(rows: RowBuffer, count: number): CompoundColumn[] {
    return this.compound.map((cell) => cell.column(rows, count));
  }

  /** What the codes of each compound feature stand for; null where it has none. */
  get cellDictionaries(): ReadonlyArray<readonly string[] | null> {
    return this.compound.map(({ dictionary }) => dictionary);
  }

  /** The first `count` rows as columns. */
  columns(
    rows: RowBuffer,
    count: number,
  ): { numeric: Array<Float32Array | null>; categorical: CodedColumn[]; compound: CompoundColumn[] } {
    return {
      numeric: this.numeric.map((_, column) => this.numbers(column, rows, count)),
      categorical: this.categorical.map(({ dictionary }, column) => ({
        codes: this.codes(column, rows, count),
        dictionary,
      })),
      compound: this.cells(rows, count),
    };
  }
}

type ColumnFeature = Extract<StaticFeature | SequenceField, { type: 'numeric' | 'categorical' }>;

/** A feature at each step, as one that reads one column. */
function stepsOf(feature: ColumnFeature): Array<{ type: string; name: string; column: string }> {
  const { type, name } = feature;
  const columns = ('columns' in feature ? feature.columns : undefined) ?? [columnOf(feature)];
  return columns.map((column) => ({ type, name, column }));
}
