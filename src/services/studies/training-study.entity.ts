import { Column, CreateDateColumn, Entity } from 'typeorm';
import { TenantEntity } from '../../platform/persistence/tenant-entity';
import { bigintAsNumber } from '../bigint-as-number';
import { type StudyPlan } from './study-plan';

export const STUDY_METHODS = ['CROSS_VALIDATION', 'SEARCH'] as const;
export type StudyMethod = (typeof STUDY_METHODS)[number];

export const STUDY_STATES = ['RUNNING', 'REFITTING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const;
export type StudyState = (typeof STUDY_STATES)[number];

/** Trainings of one dataset that belong together, to be compared. They are ordinary runs, and know it by its id. */
@Entity('training_studies')
export class TrainingStudy extends TenantEntity {
  /** The order of requests, given by the database. */
  @Column({ type: 'bigint', insert: false, update: false, transformer: bigintAsNumber })
  sequence!: number;

  /** A discovered domain's kind. */
  @Column({ type: 'text' })
  kind!: string;

  @Column({ type: 'text' })
  method!: StudyMethod;

  @Column({ type: 'text' })
  state!: StudyState;

  @Column({ name: 'dataset_id', type: 'uuid' })
  datasetId!: string;

  /** The one that was in force when it was asked for. */
  @Column({ name: 'configuration_id', type: 'uuid' })
  configurationId!: string;

  @Column({ type: 'jsonb' })
  plan!: StudyPlan;

  /** Of a search that has found it. */
  @Column({ name: 'best_trial', type: 'integer', nullable: true })
  bestTrial!: number | null;

  /** Null unless FAILED. */
  @Column({ name: 'error_message', type: 'text', nullable: true })
  errorMessage!: string | null;

  /** Id of the API key or member that asked for it. */
  @Column({ name: 'requested_by', type: 'uuid' })
  requestedBy!: string;

  @CreateDateColumn({ name: 'requested_at', type: 'timestamptz' })
  requestedAt!: Date;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  finishedAt!: Date | null;
}
