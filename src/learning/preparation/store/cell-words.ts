import { DuckDBListValue } from '@duckdb/node-api';
import { cellOf, type CompoundFeature } from '../../features/compound';
import { type CompoundColumn } from '../compound-columns';
import { copyNumbers, type PickedRows } from '../picked-rows';
import { type ResultLayout } from '../result-layout';
import { type RowBuffer } from './row-buffer';

/** The words of a row that hold the cell of a compound feature. */
export interface CellWords {
  /** The first word after them. */
  readonly end: number;
  /** Of texts: what their codes stand for. */
  readonly dictionary: readonly string[] | null;
  /** Writes picked rows as the first of a buffer. */
  write(picked: PickedRows, into: RowBuffer): void;
  /** The first `count` rows. */
  column(rows: RowBuffer, count: number): CompoundColumn;
}

/** @param word the first that is free */
export function cellWords(feature: CompoundFeature, layout: ResultLayout, word: number): CellWords {
  const { index, dictionary } = layout.compound.find(feature);
  const cell = cellOf(feature);
  const place = layout.firstCell + index;
  switch (cell.type) {
    case 'text':
    case 'list':
      return codeWord(place, word, dictionary);
    case 'moment':
      return momentWords(place, word + (word % 2));
    case 'vector':
      return vectorWords(place, word, cell.dimension);
  }
}

function codeWord(place: number, word: number, dictionary: readonly string[]): CellWords {
  return {
    end: word + 1,
    dictionary,
    write: (picked, { ints, words }) => {
      copyNumbers(picked, place, ints, { first: word, stride: words });
    },
    column: ({ ints, words }, count) => ({
      codes: Int32Array.from({ length: count }, (_, row) => ints[row * words + word] ?? 0),
      dictionary,
    }),
  };
}

/** @param word even: it begins a double */
function momentWords(place: number, word: number): CellWords {
  return {
    end: word + 2,
    dictionary: null,
    write: (picked, { doubles, words }) => {
      copyNumbers(picked, place, doubles, { first: word / 2, stride: words / 2 });
    },
    column: ({ doubles, words }, count) => ({
      ms: Float64Array.from({ length: count }, (_, row) => doubles[(row * words + word) / 2] ?? NaN),
    }),
  };
}

function vectorWords(place: number, word: number, dimension: number): CellWords {
  return {
    end: word + dimension,
    dictionary: null,
    write: ({ chunk, rows, count }, { floats, words }) => {
      const cells = chunk.getColumnVector(place);
      for (let index = 0; index < count; index++) {
        const cell = cells.getItem(rows[index] ?? 0);
        const items = cell instanceof DuckDBListValue ? cell.items : [];
        const first = index * words + word;
        // Both zeros are one number.
        for (let i = 0; i < dimension; i++) floats[first + i] = Number(items[i] ?? NaN) + 0;
      }
    },
    column: ({ floats, words }, count) => {
      const vectors = new Float32Array(count * dimension);
      for (let row = 0; row < count; row++) {
        const first = row * words + word;
        vectors.set(floats.subarray(first, first + dimension), row * dimension);
      }
      return { dimension, vectors };
    },
  };
}
