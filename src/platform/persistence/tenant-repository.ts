import { randomUUID } from 'node:crypto';
import {
  type FindOptionsOrder,
  type FindOptionsWhere,
  type QueryDeepPartialEntity,
  type Repository,
} from 'typeorm';
import { AppError } from '../../errors';
import {
  checkPageSize,
  decodeCursor,
  isUuid,
  type Page,
  type PageRequest,
  toPage,
  unknownCursor,
} from './keyset';
import { type TenantEntity } from './tenant-entity';

/** Conditions on a tenant's rows; the tenant itself is not the caller's to name. */
export type TenantWhere<E extends TenantEntity> = FindOptionsWhere<Omit<E, 'tenantId'>>;

/** A row's values; what is left out takes the column's default. */
export type TenantValues<E extends TenantEntity> = Partial<Omit<E, 'tenantId'>>;

export interface FindOptions<E extends TenantEntity> {
  readonly order?: FindOptionsOrder<E>;
  readonly limit?: number;
}

/** How a list is ordered: by a column that never changes; ties are broken by id. */
export interface PageOptions<E extends TenantEntity> {
  readonly where?: TenantWhere<E>;
  readonly orderBy: keyof E & string;
  /** Default: newest first. */
  readonly direction?: 'ASC' | 'DESC';
}

/**
 * The rows of one kind that one tenant has. `tenant_id` is part of every statement: it cannot be named, changed or
 * left out by the caller, and row-level security stands behind it.
 */
export class TenantRepository<E extends TenantEntity> {
  constructor(
    private readonly rows: Repository<E>,
    private readonly tenantId: string,
  ) {}

  /** The row with this id, or null when it is absent or another tenant's. */
  async get(id: string): Promise<E | null> {
    if (!isUuid(id)) return null;
    return this.rows.findOneBy(this.scoped(byId(id)));
  }

  /** @throws AppError NOT_FOUND when the row is absent or another tenant's */
  async getOrThrow(id: string): Promise<E> {
    return (await this.get(id)) ?? this.notFound(id);
  }

  /**
   * The row, locked against changes by others until the transaction ends.
   * @throws AppError NOT_FOUND when the row is absent or another tenant's
   */
  async getForUpdate(id: string): Promise<E> {
    if (!isUuid(id)) return this.notFound(id);
    const row = await this.rows.findOne({
      where: this.scoped(byId(id)),
      lock: { mode: 'pessimistic_write' },
    });
    return row ?? this.notFound(id);
  }

  async findOne(where: TenantWhere<E>, options: FindOptions<E> = {}): Promise<E | null> {
    const [row] = await this.find(where, { ...options, limit: 1 });
    return row ?? null;
  }

  async find(where?: TenantWhere<E>, { order, limit }: FindOptions<E> = {}): Promise<E[]> {
    return this.rows.find({
      where: this.scoped(where),
      ...(order === undefined ? {} : { order }),
      ...(limit === undefined ? {} : { take: limit }),
    });
  }

  async count(where?: TenantWhere<E>): Promise<number> {
    return this.rows.countBy(this.scoped(where));
  }

  /** Writes a row and returns it as stored, defaults included. An id is made when none is given. */
  async insert(values: TenantValues<E>): Promise<E> {
    const row = { id: randomUUID(), ...values, tenantId: this.tenantId };
    await this.rows.insert(row as unknown as QueryDeepPartialEntity<E>);
    return this.getOrThrow(row.id);
  }

  /** Changes the rows that match; returns how many. */
  async update(where: TenantWhere<E>, changes: Omit<TenantValues<E>, 'id'>): Promise<number> {
    const result = await this.rows.update(
      this.scoped(where),
      changes as unknown as QueryDeepPartialEntity<E>,
    );
    return result.affected ?? 0;
  }

  /** Deletes the rows that match, where the application may delete at all; returns how many. */
  async delete(where: TenantWhere<E>): Promise<number> {
    const result = await this.rows.delete(this.scoped(where));
    return result.affected ?? 0;
  }

  /**
   * One page of a list, by key: what was inserted or read meanwhile neither repeats nor hides a row.
   * @throws AppError BAD_USER_INPUT for a page size out of bounds or an unknown cursor
   */
  async page(
    { first, after }: PageRequest,
    { where, orderBy, direction = 'DESC' }: PageOptions<E>,
  ): Promise<Page<E>> {
    checkPageSize(first);
    const { metadata } = this.rows;
    const column = metadata.findColumnWithPropertyName(orderBy)?.databaseName;
    if (column === undefined) throw new TypeError(`${metadata.name} has no column "${orderBy}"`);
    const query = this.rows
      .createQueryBuilder('row')
      .where(this.scoped(where))
      .orderBy(`row.${orderBy}`, direction)
      .addOrderBy('row.id', direction)
      .limit(first + 1);
    if (after != null) {
      const id = decodeCursor(after);
      if (!(await this.get(id))) throw unknownCursor();
      const place = `SELECT place."${column}", place.id FROM "${metadata.tableName}" place`;
      query.andWhere(
        `(row.${orderBy}, row.id) ${direction === 'ASC' ? '>' : '<'} (${place} WHERE place.tenant_id = :tenant AND place.id = :id)`,
        { tenant: this.tenantId, id },
      );
    }
    return toPage(await query.getMany(), first);
  }

  private scoped(where: TenantWhere<E> | undefined): FindOptionsWhere<E> {
    return { ...where, tenantId: this.tenantId } as unknown as FindOptionsWhere<E>;
  }

  private notFound(id: string): never {
    throw new AppError('NOT_FOUND', `no ${readable(this.rows.metadata.name)} has the id "${id}"`);
  }
}

function byId<E extends TenantEntity>(id: string): TenantWhere<E> {
  return { id } as unknown as TenantWhere<E>;
}

/** `TrainingRun` → `training run`. */
function readable(name: string): string {
  return name.replace(/(?!^)[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}
