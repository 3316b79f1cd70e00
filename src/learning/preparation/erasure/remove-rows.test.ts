import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { DuckDbSession } from '../duckdb-session';
import { withRowsOf } from './find-rows';
import { writeWithout } from './remove-rows';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'erasure-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const COLUMNS = { subjects: ['user'], ids: ['id'] };

/** The file without the subject's rows, and what was said of them. */
async function without(content: string | Buffer, subject: string) {
  const source = path.join(folder, 'source');
  writeFileSync(source, content);
  return removeFrom(source, subject);
}

async function removeFrom(source: string, subject: string) {
  const target = path.join(folder, 'target');
  const isMeant = (id: string): boolean => id === subject;
  rmSync(target, { force: true });
  return withRowsOf(
    { path: source, workDirectory: folder, threads: 1, columns: COLUMNS },
    isMeant,
    async (file, rows) => {
      const removed = await writeWithout(file, { rows, columns: COLUMNS, isMeant, target });
      return { text: readFileSync(target), removed, ids: [...rows.ids, ...rows.lines].sort() };
    },
  );
}

describe('a file without the rows of a subject', () => {
  it('keeps every other byte of a CSV, over line breaks in quotes, blank lines and line breaks of two kinds', async () => {
    const { text, removed, ids } = await without(
      'id,user,note\r\n1,ann,"two\r\nlines, ann"\r\n\r\n2,bob,"a\nb"\n3, ann ,x\n4,annette,ann\n5,ann,"q""\nz"\n6,bob,end',
      'ann',
    );
    expect(text.toString()).toBe('id,user,note\r\n\r\n2,bob,"a\nb"\n4,annette,ann\n6,bob,end');
    expect(removed).toEqual({ rows: 3, brokenLines: 0 });
    expect(ids).toEqual(['1', '2', '3', '5', '7', '9']);
  });

  it('leaves out lines that are no rows and name the subject, and keeps those that do not', async () => {
    const { text, removed } = await without(
      'id,user\n1,bob\n2,ann,x,y\n3,annette,x,y\n4,"ann\n5,bob\n',
      'ann',
    );
    expect(text.toString()).toBe('id,user\n1,bob\n3,annette,x,y\n5,bob\n');
    expect(removed).toEqual({ rows: 0, brokenLines: 2 });
  });

  it('reads gzip, semicolons, blanks and JSON Lines', async () => {
    expect((await without(gzipSync('id;user\n1;ann\n2;bob\n'), 'ann')).text.toString()).toBe(
      'id;user\n2;bob\n',
    );
    expect((await without('id  user\n1   ann\n2   bob\n', 'ann')).text.toString()).toBe(
      'id  user\n2   bob\n',
    );
    const json = '{"id":1,"user":"ann"}\n{"id":2,"user":"bob"}\n{"id":3,"user":\n';
    expect((await without(json, 'ann')).text.toString()).toBe('{"id":2,"user":"bob"}\n{"id":3,"user":\n');
  });

  it('leaves rows out of Parquet', async () => {
    const source = path.join(folder, 'source.parquet');
    const session = await DuckDbSession.open({ filePath: source, workDirectory: folder, threads: 1 });
    await session.run(
      `COPY (SELECT * FROM (VALUES (1, 'ann'), (2, 'bob'), (3, NULL), (4, 'ann')) t (id, "user")) TO '${source}' (FORMAT parquet)`,
    );
    session.close();
    const { removed } = await removeFrom(source, 'ann');
    expect(removed).toEqual({ rows: 2, brokenLines: 0 });
    renameSync(path.join(folder, 'target'), source);
    expect((await removeFrom(source, 'ann')).removed.rows).toBe(0);
    expect((await removeFrom(source, 'bob')).removed.rows).toBe(1);
  });

  it('is the file that would have been written without them', async () => {
    const cell = fc.constantFrom('ann', 'bob', 'x', 'a\nb', '"', ',', '');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ user: fc.constantFrom('ann', 'bob', 'cy'), note: cell }), {
          minLength: 1,
          maxLength: 12,
        }),
        async (rows) => {
          const written = (kept: typeof rows) =>
            `id,user,note\n${kept.map(({ user, note }) => `i,${user},"${note.replaceAll('"', '""')}"\n`).join('')}`;
          const { text, removed } = await without(written(rows), 'ann');
          const kept = rows.filter(({ user }) => user !== 'ann');
          expect(text.toString()).toBe(written(kept));
          expect(removed.rows).toBe(rows.length - kept.length);
        },
      ),
      { numRuns: 25 },
    );
  });
});
