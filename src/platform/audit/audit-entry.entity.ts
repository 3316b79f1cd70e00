import { Column, Entity } from 'typeorm';
import { TenantEntity } from '../persistence/tenant-entity';

/** One change, by one actor. Append-only: the database numbers and chains the entries. */
@Entity('audit_entries')
export class AuditEntry extends TenantEntity {
  /** 1, 2, 3, … of each tenant, without a gap. */
  @Column('bigint')
  sequence!: number;

  @Column('timestamptz')
  at!: Date;

  @Column('text')
  actorId!: string;

  @Column('text')
  actorRole!: string;

  /** One of `AUDIT_ACTIONS`, or one that a newer version of the platform knows. */
  @Column('text')
  action!: string;

  @Column('text')
  objectKind!: string;

  @Column('text')
  objectId!: string;

  @Column('text')
  requestId!: string;

  @Column('text', { nullable: true })
  ip!: string | null;

  @Column('text', { nullable: true })
  userAgent!: string | null;

  @Column('json', { nullable: true })
  before!: object | null;

  @Column('json', { nullable: true })
  after!: object | null;

  @Column('bytea')
  previousHash!: Buffer;

  @Column('bytea')
  hash!: Buffer;
}
