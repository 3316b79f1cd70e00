import { DuckDBInstance } from '@duckdb/node-api';
import { copyNumbers, everyRow } from './picked-rows';

describe('copyNumbers', () => {
  test.each([
    ['without NULL', 'range::DOUBLE', (row: number) => row],
    ['with a NULL', 'CASE WHEN range <> 70 THEN range::FLOAT END', (row: number) => (row === 70 ? NaN : row)],
    [
      'of integers that DuckDB computes',
      'coalesce(nullif(range, 3), 9)::INTEGER',
      (row: number) => (row === 3 ? 9 : row),
    ],
    ['of narrow integers', '(range * 2)::UTINYINT', (row: number) => row * 2],
    [
      'of narrow integers with a NULL',
      'CASE WHEN range % 9 <> 4 THEN range::USMALLINT END',
      (row: number) => (row % 9 === 4 ? NaN : row),
    ],
    ['of flags', '(range % 2)::TINYINT', (row: number) => row % 2],
    ['of integers that JavaScript would not show as numbers', 'range::BIGINT', () => NaN],
  ])('reads a column %s', async (_, sql, expected) => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const result = await connection.run(`SELECT ${sql} FROM range(100)`);
    const chunk = (await result.fetchChunk())!;
    const into = new Float64Array(300);
    copyNumbers({ chunk, rows: everyRow(100), count: 100 }, 0, into, { first: 1, stride: 3 });
    expect(Array.from({ length: 100 }, (_, row) => into[1 + 3 * row])).toEqual(
      Array.from({ length: 100 }, (_, row) => expected(row)),
    );
    connection.closeSync();
    instance.closeSync();
  });
});
