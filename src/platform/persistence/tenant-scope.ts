import { type EntityManager } from 'typeorm';
import { type TenantEntity } from './tenant-entity';
import { TenantRepository } from './tenant-repository';

/** PostgreSQL refuses longer notifications. */
const MAX_PAYLOAD_BYTES = 7_999;

/** A transaction without a tenant: no tenant row is visible in it, only narrow functions answer. */
export interface PlatformScope {
  /** Runs one statement; parameters are `$1`, `$2`, …. 64-bit integers come as numbers. */
  query<R>(sql: string, parameters?: unknown[]): Promise<R[]>;
  /** Announces on a channel; delivered when the transaction commits, dropped when it does not. */
  notify(channel: string, payload: object): Promise<void>;
}

/** A transaction that sees the rows of one tenant and no others. */
export interface TenantScope extends PlatformScope {
  readonly tenantId: string;
  repository<E extends TenantEntity>(entity: new () => E): TenantRepository<E>;
  /** Has work done as the last of the transaction, which rolls back when that fails. */
  beforeCommit(work: () => Promise<void>): void;
}

/** The transaction behind both scopes. */
export class TransactionScope implements PlatformScope {
  constructor(protected readonly manager: EntityManager) {}

  async query<R>(sql: string, parameters: unknown[] = []): Promise<R[]> {
    const result: unknown = await this.manager.query(sql, parameters);
    // TypeORM answers UPDATE and DELETE with a pair of the returned rows and their count.
    const isPair =
      Array.isArray(result) &&
      result.length === 2 &&
      Array.isArray(result[0]) &&
      typeof result[1] === 'number';
    return (isPair ? result[0] : result) as R[];
  }

  async notify(channel: string, payload: object): Promise<void> {
    const text = JSON.stringify(payload);
    if (Buffer.byteLength(text) > MAX_PAYLOAD_BYTES) {
      throw new RangeError(`a notification may hold ${MAX_PAYLOAD_BYTES} bytes: send an id, not the object`);
    }
    await this.manager.query('SELECT pg_notify($1, $2)', [channel, text]);
  }
}

/** The transaction of one tenant. */
export class TenantTransactionScope extends TransactionScope implements TenantScope {
  private readonly last: (() => Promise<void>)[] = [];

  constructor(
    manager: EntityManager,
    readonly tenantId: string,
  ) {
    super(manager);
  }

  repository<E extends TenantEntity>(entity: new () => E): TenantRepository<E> {
    return new TenantRepository(this.manager.getRepository(entity), this.tenantId);
  }

  beforeCommit(work: () => Promise<void>): void {
    this.last.push(work);
  }

  /** Runs work, and then what was to be done last. */
  async complete<T>(work: (scope: TenantScope) => Promise<T>): Promise<T> {
    const result = await work(this);
    for (const task of this.last) await task();
    return result;
  }
}
