import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { CsvFiles } from '../../../test/support/csv-files';
import { scanCsv } from './csv-scan';
import { readCsvSql } from './typed-rows';

describe('the scanner and DuckDB', () => {
  let files: CsvFiles;
  let connection: DuckDBConnection;
  beforeAll(async () => {
    files = await CsvFiles.create();
    connection = await (await DuckDBInstance.create()).connect();
  });
  afterAll(async () => {
    connection.closeSync();
    await files.remove();
  });

  async function read(body: string) {
    const path = await files.write(`label,text\n${body}`);
    const scan = await scanCsv({ path, wanted: new Set(['label', 'text']), workDirectory: files.folder });
    const result = await connection.run(`SELECT c0, c1 FROM ${readCsvSql(scan.dialect)}`, [scan.readPath]);
    return { scan, rows: await result.getRows() };
  }

  it('agree on the records of whatever is uploaded', async () => {
    const good = ['a,1\n', '"x, y",2\r\n', '3,"p\nq"\n', ' "s" ,4\n'];
    const noise = ['a', '1', ',', '"', '\n', '\r', '\r\n', ' ', '\t', '#', 'é', '""'];
    const text = fc.array(fc.constantFrom(...good, ...good, ...noise), { maxLength: 30 });
    let both = 0;
    await fc.assert(
      fc.asyncProperty(text, async (parts) => {
        let result;
        try {
          result = await read(parts.join(''));
        } catch (error) {
          expect(error).toMatchObject({ message: 'The file holds a header line but no rows.' });
          return;
        }
        expect(result.rows).toHaveLength(result.scan.records);
        both += result.scan.records;
      }),
      { numRuns: 100 },
    );
    expect(both).toBeGreaterThan(60);
  });

  it('agree on values and lines, however they are quoted', async () => {
    const value = fc.stringMatching(/^[a-c1,"; \n]{0,6}$/);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 20 }), async (rows) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const { scan, rows: found } = await read(rows.map((row) => row.map(quoted).join(',')).join('\n'));
        expect(found.map((row) => row.map((text) => text ?? ''))).toEqual(rows);
        let line = 2;
        rows.forEach((row, record) => {
          expect(scan.lines.lineOf(record)).toBe(line);
          line += row.join('').split('\n').length;
        });
      }),
      { numRuns: 30 },
    );
  });
});
