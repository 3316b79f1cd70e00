import { Column, CreateDateColumn, Entity } from 'typeorm';
import { TenantEntity } from '../../platform/persistence/tenant-entity';
import { type ChallengerMode } from '../prediction/trials/running-challenger';
import { type TrialFigures } from './trial-figures';

/** A challenger under one mode, share and champion. What is compared is never mixed over two trials. */
@Entity('challenger_trials')
export class ChallengerTrial extends TenantEntity {
  @Column({ name: 'challenger_id', type: 'uuid' })
  challengerId!: string;

  /** 1, 2, 3 … of the challenger. */
  @Column({ type: 'integer' })
  number!: number;

  @Column({ name: 'champion_version_id', type: 'uuid' })
  championVersionId!: string;

  @Column({ type: 'text' })
  mode!: ChallengerMode;

  /** Of the subjects, above 0 up to 1. */
  @Column({ type: 'double precision' })
  share!: number;

  @CreateDateColumn({ name: 'started_at', type: 'timestamptz' })
  startedAt!: Date;

  /** What was found when it was last looked at. */
  @Column({ type: 'jsonb', nullable: true })
  figures!: TrialFigures | null;

  @Column({ name: 'judged_at', type: 'timestamptz', nullable: true })
  judgedAt!: Date | null;
}
