import { type Cell } from './event-log';
import { Random } from './random';

/** What goes wrong between what happened and what was logged. Rates are shares of filled cells (or of rows), 0..1. */
export interface Mess {
  /** Columns whose values are lost. */
  readonly missing: Readonly<Record<string, number>>;
  /** Columns whose numbers are wrong: a unit mixed up, a sentinel, a stuck clock. */
  readonly outliers: Readonly<
    Record<string, { readonly rate: number; readonly distort: (value: number) => number }>
  >;
  /** Rows that were delivered twice. */
  readonly duplicateRows: number;
}

export type Disturb = (cells: Readonly<Record<string, Cell>>) => {
  cells: Readonly<Record<string, Cell>>;
  copies: number;
};

/** Draws from a stream of its own: the same story can be told with another mess. */
export function messUp(mess: Mess, seed: number): Disturb {
  const random = new Random(seed, -1);
  const missing = Object.entries(mess.missing);
  const outliers = Object.entries(mess.outliers);
  return (clean) => {
    const cells = { ...clean };
    for (const [column, { rate, distort }] of outliers) {
      const value = cells[column];
      if (typeof value === 'number' && random.chance(rate)) cells[column] = distort(value);
    }
    for (const [column, rate] of missing)
      if (cells[column] != null && random.chance(rate)) cells[column] = null;
    return { cells, copies: random.chance(mess.duplicateRows) ? 2 : 1 };
  };
}
