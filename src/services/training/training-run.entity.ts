import { ChildEntity, Column } from 'typeorm';
import { type PreparationSummary } from '../../learning/preparation/prepared-examples';
import { type EpochRecord, type TrainingProgress } from '../../learning/training/contract';
import { type CleaningProposal } from '../../learning/preparation/cleaning/propose';
import { type StartSummary } from '../../learning/warm-start/start-from';
import { type RequestedDevice } from './requested-device';
import { Job } from '../jobs/job.entity';
import { type RunOverrides } from './run-overrides';
import { type JudgedModel } from '../../learning/judge-model';

/** The newest progress; the epochs have a column of their own. */
export type RunProgress = Omit<TrainingProgress, 'epochs'>;

/** One training. */
@ChildEntity('TRAINING')
export class TrainingRun extends Job {
  @Column({ name: 'dataset_id', type: 'uuid' })
  datasetId!: string;

  /** The configuration that was in force when the run was requested. */
  @Column({ name: 'configuration_id', type: 'uuid' })
  configurationId!: string;

  /** The run that it repeats, which failed or was cancelled; null where it was asked for by itself. */
  @Column({ name: 'retry_of', type: 'uuid', nullable: true })
  retryOf!: string | null;

  /** The version whose weights it starts from, as things stood when it was asked for; null: none. */
  @Column({ name: 'start_version_id', type: 'uuid', nullable: true })
  startVersionId!: string | null;

  /** What came of that; null until its network is made, and where it starts from none. */
  @Column({ name: 'warm_start', type: 'jsonb', nullable: true })
  warmStart!: StartSummary | null;

  /** What is mended before it learns, in the order in which it is applied; null where that was not recorded yet. */
  @Column({ type: 'jsonb', nullable: true })
  cleaning!: CleaningProposal[] | null;

  /** Null until the examples are prepared. */
  @Column({ type: 'jsonb', nullable: true })
  preparation!: PreparationSummary | null;

  @Column({ type: 'jsonb', nullable: true })
  progress!: RunProgress | null;

  /** The loss curves. */
  @Column({ type: 'jsonb' })
  epochs!: EpochRecord[];

  /** What it asks to be trained on; the database's AUTO unless given. */
  @Column({ name: 'requested_device', type: 'text', default: 'AUTO' })
  requestedDevice!: RequestedDevice;

  /** The study that asked for it; null where it was asked for by itself. */
  @Column({ name: 'study_id', type: 'uuid', nullable: true })
  studyId!: string | null;

  /** Which of the study's trials it is of, from 0; null of the refit, and without a study. A trial leaves no model version. */
  @Column({ type: 'integer', nullable: true })
  trial!: number | null;

  /** Which of the trial's trainings it is, from 0. */
  @Column({ type: 'integer', default: 0 })
  rung!: number;

  /** In which it differs from its configuration; null: in nothing. */
  @Column({ type: 'jsonb', nullable: true })
  overrides!: RunOverrides | null;

  /** Of a trial that has succeeded. */
  @Column({ type: 'jsonb', nullable: true })
  result!: JudgedModel | null;

  /** What it was trained on (`cpu`, `webgpu`, `cuda`); null until it is known. */
  @Column({ type: 'text', nullable: true })
  device!: string | null;
}
