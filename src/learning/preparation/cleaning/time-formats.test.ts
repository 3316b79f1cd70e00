import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { EARLIEST_MOMENT_MS } from '../../features/moment';
import { parseFormat, parseMomentAs, TIME_FORMATS } from '../../features/time-formats';
import { DuckDbSession, literal } from '../duckdb-session';
import { formatSql, timeSql } from './time-formats';

describe('moments in known formats', () => {
  let session: DuckDbSession;
  beforeAll(async () => {
    session = await DuckDbSession.open({ filePath: tmpdir(), workDirectory: tmpdir() });
  });
  afterAll(() => {
    session.close();
  });

  const two = (max: number) =>
    fc.integer({ min: 0, max }).map((n) => (n % 3 === 0 ? `${n}` : `0${n}`.slice(-2)));
  const part: Readonly<Record<string, fc.Arbitrary<string>>> = {
    d: two(31),
    m: two(12),
    Y: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 1890, max: 2210 }).map(String) },
      fc.constantFrom('20', '0', '02024', '-2024'),
    ),
    b: fc.constantFrom('Jan', 'feb', 'SEP', 'Sept', 'xyz', 'December'),
    H: two(24),
    M: two(60),
    S: two(60),
  };
  /** A text that is nearly in a format, or one of things that were seen in such columns. */
  const written = (format: string): fc.Arbitrary<string> =>
    fc
      .tuple(
        fc.record(part),
        fc.constantFrom('', '', '', '', ' ', '\t', '\u{a0}', 'x', '.5'),
        fc.constantFrom('', '', '', '', ' ', '\n', '\u{3000}', 'Z', ' 1'),
        fc.constantFrom(' ', ' ', '  ', '\t'),
      )
      .map(([parts, before, after, blank]) => {
        const text = format.replace(/%(\w)/g, (_, name: string) => parts[name] ?? '').replaceAll(' ', blank);
        return before + text + after;
      });
  const anything = fc.oneof(
    fc.constantFrom('', 'infinity', 'epoch', '-', '1', '١/٢/2024', '20240229', '2024022', '20230229', '1e9'),
    fc.bigInt({ min: 0n, max: 99_999_999_999_999n }).map(String),
    fc.integer({ min: 99_999_999, max: 2_000_000_000 }).map((n) => `${n}.25`),
    fc.string({ maxLength: 12 }).map((text) => text.replaceAll('\0', '')),
  );

  it('are what DuckDB reads in files', async () => {
    const cases = fc.sample(
      fc
        .constantFrom(...TIME_FORMATS)
        .chain((format) =>
          fc.tuple(fc.constant(format), fc.oneof({ weight: 4, arbitrary: written(format) }, anything)),
        ),
      6000,
    );
    let readable = 0;
    for (const format of TIME_FORMATS) {
      const texts = cases.filter(([of]) => of === format).map(([, text]) => text);
      const rows = await session.rows(
        `SELECT ${formatSql('text', format)} FROM (SELECT unnest([${texts.map(literal).join(', ')}]) AS text)`,
      );
      const found = texts.map((text, i) => ({ format, text, ms: rows[i]?.[0] ?? NaN }));
      expect(texts.map((text) => ({ format, text, ms: parseFormat(text, format) }))).toEqual(found);
      readable += found.filter(({ ms }) => Number(ms) >= EARLIEST_MOMENT_MS).length;
    }
    expect(readable).toBeGreaterThan(500);
  });

  it('are read in the first that fits, ISO 8601 before all', async () => {
    const formats = ['%m/%d/%Y', '%d/%m/%Y', 'unix'];
    const texts = ['1/2/2024', '31/1/2024', '2024-02-03', '1700000000', 'never'];
    const rows = await session.rows(
      `SELECT ${timeSql('text', formats)} FROM (SELECT unnest([${texts.map(literal).join(', ')}]) AS text)`,
    );
    const read = texts.map((text) => parseMomentAs(text, formats));
    expect(read).toEqual(rows.map(([ms]) => ms ?? NaN));
    expect(read).toEqual([
      Date.UTC(2024, 0, 2),
      Date.UTC(2024, 0, 31),
      Date.UTC(2024, 1, 3),
      1_700_000_000_000,
      NaN,
    ]);
  });
});
