import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { DuckDbSession } from '../preparation/duckdb-session';
import { Ranking } from './ranking';
import { writeScoreFiles } from './score-files';
import { type ScoredExample, scoreLine } from './scored-example';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'scores-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function* parts(examples: readonly ScoredExample[], size: number): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  for (let from = 0; from < examples.length; from += size)
    yield Buffer.from(
      examples
        .slice(from, from + size)
        .map(scoreLine)
        .join(''),
    );
}

const float = fc.float({ noNaN: true, noDefaultInfinity: true }).map(Math.fround);
const text = fc.string({ unit: fc.constantFrom('a', 'é', ',', '"', '\n', '\r', ' ', "'", '=', '0') });
const example = fc.record({
  id: text.map((id) => `i${id}`),
  subjectId: fc.option(text.map((id) => `s${id}`)),
  at: fc.option(fc.date({ min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true })),
  probability: fc.float({ min: 0, max: 1, noNaN: true }).map(Math.fround),
  logit: float,
});

describe('files of scores', () => {
  it('hold every example to the last bit, and rank them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(example, { minLength: 1, maxLength: 40 }), async (drawn) => {
        const examples = drawn.map((each, index) => ({ row: index + 1, ...each }));
        const { ranking } = await writeScoreFiles({
          parts: parts(examples, 7),
          format: 'PARQUET',
          workDirectory: folder,
        });
        const ranked = await Ranking.with(ranking, (file) => file.page(0, 1_000, 0));
        const order = [...examples].sort((a, b) => b.probability - a.probability || a.row - b.row);
        expect(ranked).toEqual(order.map((each, index) => ({ rank: index + 1, ...each })));
      }),
      { numRuns: 25 },
    );
  });

  it('are read by rank, by threshold, and as a whole', async () => {
    const examples = Array.from({ length: 20_000 }, (_, index) => ({
      row: index + 1,
      id: String(index),
      subjectId: null,
      at: null,
      probability: Math.fround(((index * 7919) % 20_000) / 20_000),
      logit: 0,
    }));
    const { scores, ranking } = await writeScoreFiles({
      parts: parts(examples, 4_096),
      format: 'CSV',
      workDirectory: folder,
    });
    expect(readFileSync(scores, 'utf8').split('\n')).toHaveLength(20_002);
    await Ranking.with(ranking, async (file) => {
      const page = await file.page(9_999, 3, 0);
      expect(page.map(({ rank, probability }) => [rank, probability])).toEqual([
        [10_000, Math.fround(0.5)],
        [10_001, Math.fround(0.49995)],
        [10_002, Math.fround(0.4999)],
      ]);
      expect(await file.page(9_999, 3, 0.49995 + 1e-6)).toHaveLength(1);
      expect(await file.total(0.5)).toMatchObject({ count: 10_000 });
      let seen = 0;
      for await (const block of file.each(0.25))
        for (const { rank, probability } of block) {
          seen += 1;
          expect(rank).toBe(seen);
          expect(probability).toBeGreaterThanOrEqual(0.25);
        }
      expect(seen).toBe(15_000);
    });
  });

  it('are Parquet where that is asked for', async () => {
    const { scores } = await writeScoreFiles({
      parts: parts([{ row: 1, id: 'a', subjectId: 'b', at: new Date(0), probability: 0.5, logit: -2 }], 1),
      format: 'PARQUET',
      workDirectory: folder,
    });
    const session = await DuckDbSession.open({ filePath: scores, workDirectory: folder });
    try {
      expect(
        await session.rows(
          'SELECT "row"::INTEGER, id, subject, epoch_ms("at")::INTEGER, probability, logit FROM read_parquet($1)',
          [scores],
        ),
      ).toEqual([[1, 'a', 'b', 0, 0.5, -2]]);
    } finally {
      session.close();
    }
  });
});
