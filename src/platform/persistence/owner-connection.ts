import { Client } from 'pg';
import { translateDatabaseError } from './database-errors';

/**
 * Runs work on one connection of the role that owns the tables: for start-up, never for a request.
 * @throws AppError UNAVAILABLE when the server does not answer, INVALID_CONFIGURATION when it refuses the role
 */
export async function withOwner<T>(ownerUrl: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    connectionString: ownerUrl,
    application_name: 'propensity-owner',
    connectionTimeoutMillis: 10_000,
  });
  // A connection that breaks fails the statement in progress; the event would end the process besides.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw translateDatabaseError(error, ownerUrl);
  } finally {
    await client.end().catch(() => undefined);
  }
}
