import { DataSource, type EntityManager } from 'typeorm';
import { types } from 'pg';

import { AppError } from '../../errors';
import { applicationUrlOf, type DatabaseAddress } from './connection-url';
import { translateDatabaseError } from './database-errors';
import { isUuid } from './keyset';
import { SnakeNaming } from './snake-naming';
import {
  type PlatformScope,
  type TenantScope,
  TenantTransactionScope,
  TransactionScope,
} from './tenant-scope';

export type { PlatformScope, TenantScope } from './tenant-scope';

const CONNECT_TIMEOUT_MS = 10_000;
/** A request's statement that runs longer than this is a defect; it must not hold a connection for ever. */
const STATEMENT_TIMEOUT_MS = 30_000;
const LONG_STATEMENT_TIMEOUT_MS = 600_000;
/** A transaction that does nothing for this long has lost its owner. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;

export interface DatabaseOptions extends DatabaseAddress {
  /** Entity classes that repositories may be asked for. */
  readonly entities: readonly (new () => object)[];
  /** Most connections held at once. Default 10. */
  readonly poolSize?: number;
  /** Shown in the server's list of connections. */
  readonly applicationName?: string;
}

/** Reads 64-bit integers as numbers: ours are counts, sizes and sequences, far below 2^53. */
function getTypeParser(oid: Parameters<typeof types.getTypeParser>[0]): unknown {
  return oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, 'text');
}

/**
 * The system of record, as the application role: every access is a transaction of one tenant, or one that sees no
 * tenant at all.
 */
export class Database {
  private constructor(
    private readonly source: DataSource,
    /** The application role's connection string, for the job queue and for notifications. */
    readonly applicationUrl: string,
  ) {}

  /**
   * Opens the pool. The schema must have been migrated.
   * @throws AppError UNAVAILABLE when the server does not answer, INVALID_CONFIGURATION when it refuses the role
   */
  static async connect(options: DatabaseOptions): Promise<Database> {
    const url = applicationUrlOf(options);
    const source = new DataSource({
      type: 'postgres',
      url,
      entities: [...options.entities],
      namingStrategy: new SnakeNaming(),
      synchronize: false,
      installExtensions: false,
      uuidExtension: 'pgcrypto',
      poolSize: options.poolSize ?? 10,
      applicationName: options.applicationName ?? 'propensity',
      connectTimeoutMS: CONNECT_TIMEOUT_MS,
      logging: false,
      extra: {
        types: { getTypeParser },
        statement_timeout: STATEMENT_TIMEOUT_MS,
        idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
        keepAlive: true,
      },
    });
    try {
      await source.initialize();
    } catch (error) {
      throw translateDatabaseError(error, url);
    }
    return new Database(source, url);
  }

  /**
   * Runs work in one transaction that sees this tenant's rows and no others. It commits when the work's promise
   * fulfils and rolls back when it rejects.
   *
   * @throws AppError UNAVAILABLE when the database is lost meanwhile
   */
  async inTenant<T>(tenantId: string, work: (scope: TenantScope) => Promise<T>): Promise<T> {
    if (!isUuid(tenantId)) throw new AppError('NOT_FOUND', `no tenant has the id "${tenantId}"`);
    return this.transaction(async (manager) => {
      await manager.query("SELECT set_config('app.tenant_id', $1, true)", [tenantId]);
      return new TenantTransactionScope(manager, tenantId).complete(work);
    });
  }

  /**
   * As `inTenant`, and everything is read as of one moment, whatever others commit meanwhile. For long reads: a
   * statement may take ten minutes.
   *
   * @throws AppError UNAVAILABLE when the database is lost meanwhile
   */
  async asOfOneMoment<T>(tenantId: string, work: (scope: TenantScope) => Promise<T>): Promise<T> {
    if (!isUuid(tenantId)) throw new AppError('NOT_FOUND', `no tenant has the id "${tenantId}"`);
    return this.transaction(async (manager) => {
      await manager.query(
        "SELECT set_config('app.tenant_id', $1, true), set_config('statement_timeout', $2, true)",
        [tenantId, String(LONG_STATEMENT_TIMEOUT_MS)],
      );
      return new TenantTransactionScope(manager, tenantId).complete(work);
    }, 'REPEATABLE READ');
  }

  /** Runs work in one transaction that sees no tenant's rows: only narrow functions answer in it. */
  async asPlatform<T>(work: (scope: PlatformScope) => Promise<T>): Promise<T> {
    return this.transaction((manager) => work(new TransactionScope(manager)));
  }

  /**
   * One statement that is its own transaction and sees no tenant's rows. No lock that it takes waits for this process,
   * which may be stopped between two statements.
   *
   * @throws AppError UNAVAILABLE when the database is lost meanwhile
   */
  async atOnce<R>(sql: string, parameters: unknown[] = []): Promise<R[]> {
    try {
      return await this.source.query<R[]>(sql, parameters);
    } catch (error) {
      throw translateDatabaseError(error, this.applicationUrl);
    }
  }

  /** Closes the pool, once what runs has ended. */
  async close(): Promise<void> {
    if (this.source.isInitialized) await this.source.destroy();
  }

  private async transaction<T>(
    work: (manager: EntityManager) => Promise<T>,
    isolation?: 'REPEATABLE READ',
  ): Promise<T> {
    try {
      return await (isolation ? this.source.transaction(isolation, work) : this.source.transaction(work));
    } catch (error) {
      throw translateDatabaseError(error, this.applicationUrl);
    }
  }
}
