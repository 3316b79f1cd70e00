import 'reflect-metadata';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buildGraphqlSchema } from '../graphql/build-schema';
import { schemaText } from '../graphql/schema-text';
import { discoverDomains } from './discover-domains';

/**
 * Writes `schema.graphql` in the working directory. With `--check` it writes nothing, and exits 1 when the file is not
 * what the code says.
 */
async function main(): Promise<void> {
  const file = path.resolve('schema.graphql');
  const text = schemaText(buildGraphqlSchema(discoverDomains(), { get: neverCalled }));
  if (!process.argv.includes('--check')) {
    await writeFile(file, text);
    return;
  }
  const committed = await readFile(file, 'utf8').catch(() => null);
  if (committed === text) return;
  process.stderr.write(
    'schema.graphql is not what the code says: run `npm run schema` and commit the result\n',
  );
  process.exitCode = 1;
}

function neverCalled(): never {
  throw new Error('printing the schema runs no resolver');
}

void main();
