import { Column, CreateDateColumn, Entity } from 'typeorm';
import { TenantEntity } from '../../platform/persistence/tenant-entity';
import { bigintAsNumber } from '../bigint-as-number';

export const POLICY_ACTIONS = ['ACTIVATE', 'ROLLBACK'] as const;
export type PolicyAction = (typeof POLICY_ACTIONS)[number];

/** One decision about which policy is in force. Append-only: the newest of a kind counts. */
@Entity('policy_activations')
export class PolicyActivation extends TenantEntity {
  /** The order of decisions, given by the database. */
  @Column({ type: 'bigint', insert: false, update: false, transformer: bigintAsNumber })
  sequence!: number;

  /** A discovered domain's kind, such as `FINANCIAL_RISK`. */
  @Column({ type: 'text' })
  kind!: string;

  /** Null: the domain's default, after everything was rolled back. */
  @Column({ name: 'policy_id', type: 'uuid', nullable: true })
  policyId!: string | null;

  @Column({ type: 'text' })
  action!: PolicyAction;

  /** Id of the API key that decided. */
  @Column({ name: 'decided_by', type: 'uuid' })
  decidedBy!: string;

  @CreateDateColumn({ name: 'decided_at', type: 'timestamptz' })
  decidedAt!: Date;
}
