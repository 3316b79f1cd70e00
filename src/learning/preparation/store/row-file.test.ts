import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { RowBuffer } from './row-buffer';
import { RowFile } from './row-file';

const WORDS = 64;
/** Several blocks of 256 KiB, of which two stay in memory. */
const ROWS = 7000;
const MEMORY_BYTES = 1 << 19;

describe('rows beyond memory', () => {
  let folder: string;
  let file: RowFile;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'propensity-rows-'));
    file = new RowFile(WORDS, { folder, memoryBytes: MEMORY_BYTES });
    const buffer = new RowBuffer(WORDS, 1000);
    for (let row = 0; row < ROWS; row += 1000) {
      buffer.ints.forEach((_, word) => (buffer.ints[word] = row * WORDS + word));
      file.append(buffer, 1000);
    }
  });
  afterAll(async () => {
    file.close();
    await rm(folder, { recursive: true });
  });

  const expected = (rows: readonly number[]) =>
    rows.flatMap((row) => Array.from({ length: WORDS }, (_, word) => row * WORDS + word));

  test('are all there, and leave no name in the folder', async () => {
    expect(file.count).toBe(ROWS);
    expect(await readdir(folder)).toEqual([]);
  });

  test('come in the order that is asked for', async () => {
    const anyRow = fc.nat({ max: ROWS - 1 });
    // Near to each other, as in a walk, or anywhere.
    const walk = fc
      .tuple(anyRow, fc.array(fc.nat({ max: 80 })))
      .map(([first, steps]) => steps.map((step, i) => Math.min(first + i * step, ROWS - 1)));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.array(anyRow), walk), async (rows) => {
        const numbers = Int32Array.from(rows);
        expect([...(await file.rows(numbers)).ints]).toEqual(expected(rows));
        expect([...file.rowsNow(numbers).ints]).toEqual(expected(rows));
      }),
    );
  });

  test('come as ranges, which may overlap or be empty', async () => {
    const anyRange = fc
      .tuple(fc.nat({ max: ROWS }), fc.nat({ max: 40 }))
      .map(([first, length]) => ({ first, length: Math.min(length, ROWS - first) }));
    const ranges = fc.array(anyRange, { maxLength: 30 });
    const ascending = ranges.map((some) => [...some].sort((a, b) => a.first - b.first));
    await fc.assert(
      fc.asyncProperty(fc.oneof(ranges, ascending), async (some) => {
        const found = await file.ranges(
          Int32Array.from(some, ({ first }) => first),
          Int32Array.from(some, ({ length }) => length),
        );
        const rows = some.flatMap(({ first, length }) => Array.from({ length }, (_, i) => first + i));
        expect([...found.ints]).toEqual(expected(rows));
      }),
    );
  });

  test('refuse what is not there', async () => {
    await expect(file.rows(Int32Array.of(ROWS))).rejects.toThrow(RangeError);
    await expect(file.rows(Int32Array.of(-1))).rejects.toThrow(RangeError);
  });
});
