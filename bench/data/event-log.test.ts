import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { duckDbSide } from './duckdb-side';
import { writeEventLog } from './event-log';
import { ourSide } from './our-side';

describe('the data bench', () => {
  let folder: string;
  beforeAll(async () => (folder = await mkdtemp(path.join(tmpdir(), 'propensity-bench-'))));
  afterAll(() => rm(folder, { recursive: true }));

  test('generates the same events each time', async () => {
    const [first, second] = [path.join(folder, 'first.csv'), path.join(folder, 'second.csv')];
    await writeEventLog(first, 5000);
    await writeEventLog(second, 5000);
    const text = await readFile(first, 'utf8');
    expect(text.split('\n')).toHaveLength(5000 + 2);
    expect(await readFile(second, 'utf8')).toBe(text);
  });

  test('both sides find the same examples, positives and histories', async () => {
    const file = path.join(folder, 'events.csv');
    await writeEventLog(file, 20_000);
    const input = { path: file, format: 'csv', workDirectory: folder } as const;
    const ours = await ourSide(input);
    expect(ours.examples).toBeGreaterThan(1000);
    expect(ours.positives).toBeGreaterThan(10);
    expect(await duckDbSide(input)).toEqual(ours);
  });
});
