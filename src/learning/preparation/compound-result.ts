import { cellOf, type Cell, type CompoundFeature } from '../features/compound';
import { columnOf, type CompoundValue } from './column-plan';
import { createDictionary, type Dictionary } from './dictionaries';
import { type DuckDbSession } from './duckdb-session';

/** The cells of compound features in a query's result. */
export class CompoundResult {
  private constructor(
    private readonly columns: readonly CompoundValue[],
    private readonly dictionaries: readonly (Dictionary | null)[],
  ) {}

  static async create(session: DuckDbSession, columns: readonly CompoundValue[]): Promise<CompoundResult> {
    const dictionaries: (Dictionary | null)[] = [];
    for (const [i, column] of columns.entries()) {
      const isText = column.cell.type === 'text' || column.cell.type === 'list';
      dictionaries.push(isText ? await createDictionary(session, column, `x${i}`) : null);
    }
    return new CompoundResult(columns, dictionaries);
  }

  /** The select list, one entry for each column. */
  get select(): string[] {
    return this.columns.map((_, i) => this.dictionaries[i]?.codeSql ?? `x${i}`);
  }

  /** Which of the entries holds a feature's cells, and the dictionary where they are codes. */
  find(feature: CompoundFeature): { readonly index: number; readonly dictionary: readonly string[] } {
    const cell = cellOf(feature);
    const index = this.columns.findIndex(
      (column) => column.name === columnOf(feature) && isSameCell(column.cell, cell),
    );
    if (index < 0) throw new Error(`the plan has no column for ${feature.name}`);
    return { index, dictionary: this.dictionaries[index]?.categories ?? [''] };
  }
}

function isSameCell(a: Cell, b: Cell): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
