import { createServer, get } from 'node:http';
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { featureSpecSchema } from '../../features/feature-spec';
import { inspectUpload } from '../mapping/inspect-upload';
import { convertJsonLines } from './json-lines';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'propensity-lines-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
const write = async (content: string): Promise<string> => {
  const path = join(folder, `${(files += 1)}.jsonl`);
  await writeFile(path, content);
  return path;
};

/** RFC 4180, and null for a field without quotes, all of which are empty here. */
function parseCsv(text: string): (string | null)[][] {
  const records: (string | null)[][] = [];
  for (let at = 0; at < text.length;) {
    const record: (string | null)[] = [];
    for (let goesOn = true; goesOn;) {
      let value: string | null = null;
      if (text[at] === '"') {
        const [whole = '', inner = ''] = /^"((?:[^"]|"")*)"/.exec(text.slice(at)) ?? [];
        value = inner.replaceAll('""', '"');
        at += whole.length;
      }
      record.push(value);
      goesOn = text[at] === ',';
      at += 1;
    }
    records.push(record);
  }
  return records;
}

const value = fc.option(
  fc.oneof(fc.constantFrom('', 'a', '"', ',\n', '\r\n""', 'é,"\n'), fc.string({ maxLength: 4 })),
);
/** Members that come and go, and often first come late. */
const anyRecords = fc.array(
  fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd,', '"e'), value, { maxKeys: 3 }),
  { minLength: 1, maxLength: 12 },
);

describe('JSON Lines', () => {
  it('become records with all columns, whenever these first come', async () => {
    let completed = 0;
    await fc.assert(
      fc.asyncProperty(anyRecords, async (records) => {
        const columns = [
          ...new Set(
            records.flatMap((record) =>
              Object.entries(record).flatMap(([name, value]) => (value === null ? [] : [name])),
            ),
          ),
        ];
        const from = await write(records.map((record) => JSON.stringify(record)).join('\n'));
        const to = `${from}.csv`;
        const hasNul = (text: string | null) => text?.includes('\0') === true;
        fc.pre(columns.length > 0 && !records.some((record) => Object.values(record).some(hasNul)));
        const converted = await convertJsonLines({ from, to });
        expect(converted).toMatchObject({ columns, records: records.length, quarantine: { count: 0 } });
        const text = await readFile(to, 'utf8');
        // Of one column, a missing value would be a blank line.
        const missing = columns.length === 1 ? '' : null;
        expect(parseCsv(text)).toEqual(
          records.map((record) => columns.map((name) => record[name] ?? missing)),
        );
        if (columns.some((name) => !(name in records[0]!))) completed += 1;
      }),
      { numRuns: 200 },
    );
    expect(completed).toBeGreaterThan(50);
    expect((await readdir(folder)).filter((name) => name.endsWith('.draft'))).toEqual([]);
  });

  it('of 50 MB are taken in between the requests of others, who are answered meanwhile', async () => {
    const path = join(folder, 'large.jsonl');
    const file = await open(path, 'w');
    const rows = 10_000;
    for (let block = 0; block < 35; block++) {
      const lines = Array.from({ length: rows }, (_, i) => {
        const late = block === 20 && i === 0 ? ',"late":1' : '';
        return `{"age":${i % 90},"bought":${i % 2},"note":"${'x'.repeat(100)}","at":{"day":${block}}${late}}\n`;
      });
      await file.appendFile(lines.join(''));
    }
    const { size } = await file.stat();
    await file.close();
    expect(size).toBeGreaterThan(50_000_000);
    const server = createServer((_, response) => response.end('here')).listen(0, '127.0.0.1');
    let isDone = false;
    let [turns, answers] = [0, 0];
    const turn = (): void => {
      turns += 1;
      if (!isDone) setImmediate(turn);
    };
    const ask = (): void => {
      const { port } = server.address() as AddressInfo;
      get({ port, host: '127.0.0.1' }, (response) => {
        response.resume().once('end', () => {
          answers += 1;
          if (!isDone) ask();
        });
      }).once('error', () => {
        // The server is closed once the file is taken in.
      });
    };
    try {
      await new Promise((resolve) => server.once('listening', resolve));
      turn();
      ask();
      const spec = featureSpecSchema.parse({
        shape: 'TABLE',
        label: { column: 'bought' },
        features: [{ type: 'numeric', name: 'age' }],
      });
      const inspected = await inspectUpload(path, spec, { workDirectory: folder, threads: 1 });
      isDone = true;
      expect(inspected).toMatchObject({ rowCount: 35 * rows, quarantined: { count: 0 } });
      expect(inspected.columns.map(({ name }) => name)).toEqual(['age', 'bought', 'note', 'at.day', 'late']);
    } finally {
      isDone = true;
      server.close();
    }
    // Each block of 64 KiB is a turn of its own: whoever comes waits for one, and not for the file.
    expect(turns).toBeGreaterThan(size / 65_536);
    expect(answers).toBeGreaterThan(50);
  }, 120_000);
});
