import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { withOwner } from '../../../src/platform/persistence/owner-connection';
import { type TestApi } from '../api/test-api';

/** Where any of some texts stands: in a row of any table, whoever's, as `table tenant`; or in a file of a folder. */
export async function findEverywhere(
  { ownerUrl, uploads }: TestApi,
  texts: readonly string[],
): Promise<string[]> {
  const inTables = await withOwner(ownerUrl, async (owner) => {
    const { rows: tables } = await owner.query<{ name: string; hasTenant: boolean }>(
      `SELECT c.oid::regclass::text AS name,
              EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') AS "hasTenant"
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')`,
    );
    const found: string[] = [];
    for (const { name, hasTenant } of tables) {
      const { rows } = await owner.query<{ tenant: string }>(
        `SELECT DISTINCT ${hasTenant ? 'tenant_id::text' : "''"} AS tenant FROM ${name} t
          WHERE EXISTS (SELECT FROM unnest($1::text[]) AS x (text) WHERE position(x.text in t::text) > 0)`,
        [texts],
      );
      found.push(...rows.map(({ tenant }) => `${name} ${tenant}`));
    }
    return found;
  });
  const folder = path.dirname(uploads);
  const inFiles = filesOf(folder).filter((file) => {
    const bytes = readFileSync(path.join(folder, file));
    return texts.some((text) => bytes.includes(text));
  });
  return [...inTables, ...inFiles].sort();
}

function filesOf(folder: string, under = ''): string[] {
  return readdirSync(path.join(folder, under)).flatMap((name) => {
    const file = path.join(under, name);
    return statSync(path.join(folder, file)).isDirectory() ? filesOf(folder, file) : [file];
  });
}
