import { type Database } from './database';
import { MIGRATIONS } from './migrate';

/** How long it is believed that nobody has taken a migration back. */
const CURRENT_MS = 30_000;

/** Whether the database is there, and has every table as this version of the program knows them. */
export class SchemaState {
  private readonly names = MIGRATIONS.map(({ name }) => name);
  private currentUntil = 0;

  constructor(private readonly database: Pick<Database, 'asPlatform'>) {}

  /** @throws AppError UNAVAILABLE */
  async isReachable(): Promise<boolean> {
    await this.database.asPlatform((scope) => scope.query('SELECT 1'));
    return true;
  }

  /**
   * Every migration that this version knows was applied; a later version may have applied more.
   * @throws AppError UNAVAILABLE
   */
  async isCurrent(): Promise<boolean> {
    if (Date.now() < this.currentUntil) return true;
    const [found] = await this.database.asPlatform((scope) =>
      scope.query<{ applied: number }>(
        'SELECT count(DISTINCT name)::integer AS applied FROM schema_migrations WHERE name = ANY($1)',
        [this.names],
      ),
    );
    if (found?.applied !== this.names.length) return false;
    this.currentUntil = Date.now() + CURRENT_MS;
    return true;
  }
}
