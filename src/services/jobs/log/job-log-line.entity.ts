import { Column, Entity } from 'typeorm';
import { TenantEntity } from '../../../platform/persistence/tenant-entity';
import { type RunState } from '../../training/run-state';
import { type LogLevel } from './log-line';

/** What a job said of itself, for its tenant. Never changed, but for the line that counts what was left out. */
@Entity('job_log_lines')
export class JobLogLine extends TenantEntity {
  @Column({ name: 'job_id', type: 'uuid' })
  jobId!: string;

  /** The order within the job, from 1; 0 is the line that says how many were left out. */
  @Column({ type: 'integer' })
  number!: number;

  @Column({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'text' })
  level!: LogLevel;

  /** The execution that it is of; 0 before the first. */
  @Column({ type: 'integer' })
  attempt!: number;

  /** What the job was doing. */
  @Column({ type: 'text' })
  phase!: RunState;

  @Column({ type: 'text' })
  message!: string;
}
