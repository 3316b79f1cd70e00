import { Client } from 'pg';

/** "prps": users of an embedded server hold this lock together; whoever ends the server holds it alone. */
const LOCK = 0x70727073;

/**
 * A session that says "I use this server". While one is open nobody ends the server; a process that is killed gives
 * its session back.
 */
export interface ServerUse {
  /** Whether nobody else uses the server. From then on nobody can begin to: it is to be ended. */
  claimAlone(): Promise<boolean>;
  /** The server's process number. */
  serverPid(): Promise<number>;
  /** Resolves when the session has ended, by `release` or because the server is gone. */
  readonly ended: Promise<void>;
  release(): Promise<void>;
}

/** Begins to use the server; null when it does not answer, refuses us or is about to be ended. */
export async function useServer(url: string): Promise<ServerUse | null> {
  const client = await connect(url);
  if (!client) return null;
  const use = useOf(client);
  const shared = await ask(client, 'SELECT pg_try_advisory_lock_shared($1) AS granted', [LOCK]).catch(
    () => false,
  );
  if (shared === true) return use;
  await use.release();
  return null;
}

/**
 * Ends nothing by itself: claims a server that nobody uses, for its watchdog.
 * @returns the server's process number, or null when the server is used or gone
 */
export async function claimUnused(url: string): Promise<number | null> {
  const client = await connect(url);
  if (!client) return null;
  const use = useOf(client);
  // The session stays open with its claim: it ends with the server.
  if (await use.claimAlone()) return use.serverPid();
  await use.release();
  return null;
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

function useOf(client: Client): ServerUse {
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
  return {
    ended,
    claimAlone: async () =>
      (await ask(client, 'SELECT pg_try_advisory_lock($1) AS granted', [LOCK])) === true,
    serverPid: async () =>
      Number(await ask(client, "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)", [])),
    release: () => client.end().catch(() => undefined),
  };
}

async function ask(client: Client, sql: string, parameters: unknown[]): Promise<unknown> {
  const { rows } = await client.query<Record<string, unknown>>(sql, parameters);
  return Object.values(rows[0] ?? {})[0];
}
