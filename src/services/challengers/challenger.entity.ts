import { Column, CreateDateColumn, Entity } from 'typeorm';
import { TenantEntity } from '../../platform/persistence/tenant-entity';
import { bigintAsNumber } from '../bigint-as-number';

export const CHALLENGER_ENDINGS = ['ENDED', 'PROMOTED', 'ROLLED_BACK'] as const;
export type ChallengerEnding = (typeof CHALLENGER_ENDINGS)[number];

/** A version that is, or was, tried out beside the champion of its domain. At most one of a domain runs. */
@Entity('challengers')
export class Challenger extends TenantEntity {
  /** The order of their starts, given by the database. */
  @Column({ type: 'bigint', insert: false, update: false, transformer: bigintAsNumber })
  sequence!: number;

  /** A discovered domain's kind, such as `ECOMMERCE_PURCHASE`. */
  @Column({ type: 'text' })
  kind!: string;

  @Column({ name: 'model_version_id', type: 'uuid' })
  modelVersionId!: string;

  /** How often a challenger that is not worse may be ended as if it were, at most; in (0, 1). */
  @Column({ type: 'double precision' })
  alpha!: number;

  /** Outcomes of each side before anything is concluded. */
  @Column({ name: 'min_outcomes', type: 'integer' })
  minOutcomes!: number;

  /** Predictions count from this age on, in hours. */
  @Column({ name: 'outcome_delay_hours', type: 'double precision' })
  outcomeDelayHours!: number;

  @Column({ name: 'end_when_worse', type: 'boolean' })
  endWhenWorse!: boolean;

  /** Why it is tried out, and may be promoted, although it is not worth more than its baseline; null where it is. */
  @Column({ name: 'baseline_override', type: 'text', nullable: true })
  baselineOverride!: string | null;

  /** Id of the API key that started it. */
  @Column({ name: 'started_by', type: 'uuid' })
  startedBy!: string;

  @CreateDateColumn({ name: 'started_at', type: 'timestamptz' })
  startedAt!: Date;

  /** The trial that runs, or ran last. */
  @Column({ name: 'trial_id', type: 'uuid' })
  trialId!: string;

  @Column({ name: 'ended_at', type: 'timestamptz', nullable: true })
  endedAt!: Date | null;

  @Column({ type: 'text', nullable: true })
  ending!: ChallengerEnding | null;

  /** Id of the API key that ended it; null for the platform itself. */
  @Column({ name: 'ended_by', type: 'uuid', nullable: true })
  endedBy!: string | null;

  @Column({ type: 'text', nullable: true })
  reason!: string | null;
}
