import { Client } from 'pg';

/** "prps": users of an embedded server hold this lock together; whoever ends the server holds it alone. */
const LOCK = 0x70727073;

/**
 * A session that says "I use this server". While one is open nobody ends the server; a process that is killed gives
 * its session back.
 */
export interface ServerUse {
  /** Resolves when the session has ended, by `release` or because the server is gone. */
  readonly ended: Promise<void>;
  release(): Promise<void>;
}

/** Begins to use the server; null when it does not answer, refuses us or is about to be ended. */
export async function useServer(url: string): Promise<ServerUse | null> {
  const client = await connect(url);
  if (!client) return null;
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
  const release = (): Promise<void> => client.end().catch(() => undefined);
  const granted = await ask(client, 'SELECT pg_try_advisory_lock_shared($1)').catch(() => false);
  if (granted === true) return { ended, release };
  await release();
  return null;
}

/**
 * Claims a server that nobody uses, so that it can be ended; it ends nothing itself.
 * @returns whether the claim was granted: from then on nobody can begin to use the server; null when it does not answer
 */
export async function claimUnused(url: string): Promise<boolean | null> {
  const client = await connect(url);
  if (!client) return null;
  const granted = await ask(client, 'SELECT pg_try_advisory_lock($1)').catch(() => null);
  // A session with the claim stays open: it ends with the server.
  if (granted !== true) await client.end().catch(() => undefined);
  return granted === null ? null : granted === true;
}

async function connect(url: string): Promise<Client | null> {
  const client = new Client({
    connectionString: url,
    application_name: 'propensity-embedded',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  // The end of the connection is what matters, and `ended` tells of it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch {
    await client.end().catch(() => undefined);
    return null;
  }
}

async function ask(client: Client, sql: string): Promise<unknown> {
  const { rows } = await client.query<Record<string, unknown>>(sql, [LOCK]);
  return Object.values(rows[0] ?? {})[0];
}
