import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type GraphQLSchema, validate } from 'graphql';
import { z } from 'zod';
import { AppError, messageOf } from '../../errors';
import { type OperationGate } from '../../graphql/limits/operation-gate';

/** Documents by their ids, or the manifest that Apollo's tools write. */
const manifest = z.union([
  z
    .object({
      format: z.literal('apollo-persisted-query-manifest'),
      version: z.literal(1),
      operations: z.array(z.object({ id: z.string().min(1), body: z.string() })),
    })
    .transform(({ operations }) => operations.map(({ id, body }): [string, string] => [id, body])),
  z.record(z.string().min(1), z.string()).transform((documents) => Object.entries(documents)),
]);

/** The parts of a request that say which operation is meant; a malformed one must not hide the others. */
const asked = z.object({
  query: z.string().nullish().catch(null),
  documentId: z.string().nullish().catch(null),
  extensions: z
    .object({ persistedQuery: z.object({ sha256Hash: z.string() }).nullish() })
    .nullish()
    .catch(null),
});

export interface PersistedOptions {
  /** A `.json` manifest, or a folder of `.graphql` files; null: there are none. */
  readonly from: string | null;
  /** Whether nothing else is executed. */
  readonly only: boolean;
  readonly schema: GraphQLSchema;
  readonly gate: OperationGate;
}

/** Operations that were known before the process began; clients ask for them by id. */
export class PersistedOperations {
  private constructor(
    private readonly byId: ReadonlyMap<string, string>,
    private readonly only: boolean,
  ) {}

  /** @throws AppError INVALID_CONFIGURATION when one cannot be read, is not valid, or is over a limit */
  static async load({ from, only, schema, gate }: PersistedOptions): Promise<PersistedOperations> {
    const byId = new Map<string, string>();
    for (const [id, source] of from === null ? [] : await documentsIn(from)) {
      check(id, source, { schema, gate });
      byId.set(id, source);
      // Whoever has the text has its digest.
      byId.set(digestOf(source), source);
    }
    return new PersistedOperations(byId, only);
  }

  /** The same, where it is known; null where it is not, which {@link resolve} says then. */
  known(request: unknown): string | null {
    const plain = plainQuery(request);
    if (plain !== null) return plain;
    const { success, data } = asked.safeParse(request);
    const id = success ? (data.documentId ?? data.extensions?.persistedQuery?.sha256Hash) : null;
    return id == null ? null : (this.byId.get(id.replace(/^sha256:/, '')) ?? null);
  }

  /**
   * The document that a request means, given or named (`documentId`, or Apollo's `persistedQuery`).
   * @returns null when it means none that we know of: whoever executes it says what is wrong
   * @throws AppError OPERATION_UNKNOWN
   */
  resolve(request: unknown): string | null {
    const plain = this.only ? null : plainQuery(request);
    if (plain !== null) return plain;
    const parsed = asked.safeParse(request);
    if (!parsed.success) return null;
    const { query, documentId, extensions } = parsed.data;
    const id = documentId ?? extensions?.persistedQuery?.sha256Hash;
    if (query != null && query !== '') {
      if (!this.only || this.byId.has(digestOf(query))) return query;
      throw unknown('This operation is not one of those that this server executes');
    }
    if (id == null) return null;
    const source = this.byId.get(id.replace(/^sha256:/, ''));
    if (source !== undefined) return source;
    throw unknown(`There is no operation with the id "${id.slice(0, 100)}"`);
  }
}

/** The document of a request that names none, as most do. */
function plainQuery(request: unknown): string | null {
  if (typeof request !== 'object' || request === null || !('query' in request)) return null;
  return typeof request.query === 'string' && request.query !== '' ? request.query : null;
}

function unknown(what: string): AppError {
  return new AppError('OPERATION_UNKNOWN', `${what}: have it added to the server's persisted operations.`);
}

function digestOf(source: string): string {
  return createHash('sha256').update(source).digest('hex');
}

async function documentsIn(from: string): Promise<[string, string][]> {
  try {
    if ((await stat(from)).isFile()) return manifest.parse(JSON.parse(await readFile(from, 'utf8')));
    const names = (await readdir(from)).filter((name) => name.endsWith('.graphql')).sort();
    return await Promise.all(
      names.map(async (name): Promise<[string, string]> => [
        path.basename(name, '.graphql'),
        await readFile(path.join(from, name), 'utf8'),
      ]),
    );
  } catch (error) {
    const reason = error instanceof z.ZodError ? 'it is no manifest of operations' : messageOf(error);
    throw refused(`cannot be read: ${reason}`, error);
  }
}

function check(
  id: string,
  source: string,
  { schema, gate }: { readonly schema: GraphQLSchema; readonly gate: OperationGate },
): void {
  let problem: string | undefined;
  try {
    const document = gate.parse(source);
    problem = document ? validate(schema, document)[0]?.message : 'it is no GraphQL operation';
  } catch (error) {
    problem = messageOf(error);
  }
  if (problem !== undefined) throw refused(`has an operation "${id}" that cannot be executed: ${problem}`);
}

function refused(what: string, cause?: unknown): AppError {
  return new AppError('INVALID_CONFIGURATION', `PROPENSITY_PERSISTED_OPERATIONS ${what}`, [], { cause });
}
