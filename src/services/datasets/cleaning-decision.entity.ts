import { Column, CreateDateColumn, Entity } from 'typeorm';
import { type CleaningProposal } from '../../learning/preparation/cleaning/propose';
import { TenantEntity } from '../../platform/persistence/tenant-entity';
import { bigintAsNumber } from '../bigint-as-number';

export const CLEANING_STATUSES = ['OPEN', 'ACCEPTED', 'REFUSED'] as const;
/** OPEN: nobody decided, or it was undone. */
export type CleaningStatus = (typeof CLEANING_STATUSES)[number];

/** What a person decided about a proposal to mend a dataset. Append-only: the newest about a proposal is in force. */
@Entity('cleaning_decisions')
export class CleaningDecision extends TenantEntity {
  /** The order of decisions, given by the database. */
  @Column({ type: 'bigint', insert: false, update: false, transformer: bigintAsNumber })
  sequence!: number;

  @Column({ name: 'dataset_id', type: 'uuid' })
  datasetId!: string;

  @Column({ name: 'proposal_id', type: 'text' })
  proposalId!: string;

  /** As it was decided about. */
  @Column({ type: 'jsonb' })
  proposal!: CleaningProposal;

  @Column({ type: 'text' })
  decision!: CleaningStatus;

  /** Id of the API key that decided. */
  @Column({ name: 'decided_by', type: 'uuid' })
  decidedBy!: string;

  @CreateDateColumn({ name: 'decided_at', type: 'timestamptz' })
  decidedAt!: Date;
}
