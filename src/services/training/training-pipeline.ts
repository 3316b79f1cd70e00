import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type EntitySource } from '../../learning/preparation/entities/entity-tables';
import { type FileFormat } from '../../learning/preparation/formats/file-format';
import { type ColumnMapping } from '../../learning/preparation/mapping/column-mapping';
import { type PreparationSummary } from '../../learning/preparation/prepared-examples';
import { type JudgedModel, type JudgeModelOptions } from '../../learning/judge-model';
import { type TrainedModel, type TrainModelOptions } from '../../learning/train-model';
import { type RequestedDevice } from './requested-device';

/** Everything that a training needs, and nothing of tenants or databases. */
export interface PipelineInput extends Pick<
  TrainModelOptions,
  'model' | 'checkpoint' | 'signal' | 'onPhase' | 'onProgress' | 'onEvent' | 'startFrom' | 'file' | 'onStart'
> {
  /** The data set as a local file. */
  readonly csvPath: string;
  /** As its inspection found it out; null where that was not recorded. */
  readonly format: FileFormat | null;
  /** When the data set came; null where that was not recorded. */
  readonly receivedAt: Date | null;
  readonly spec: FeatureSpec;
  /** Where the spec's columns are in the file. */
  readonly mapping: ColumnMapping;
  /** The files of the spec's entities. */
  readonly entities: readonly EntitySource[];
  /** An empty folder for large intermediate files; removed afterwards by the caller. */
  readonly workDirectory: string;
  /** What the run asks for; whatever the worker has unless given. */
  readonly requestedDevice?: RequestedDevice;
  /** Told once the examples are there. */
  readonly onPrepared: (preparation: PreparationSummary) => void;
}

/** What is kept of a finished training. */
export type PipelineResult = Pick<
  TrainedModel,
  | 'artifact'
  | 'evaluation'
  | 'recommendedThreshold'
  | 'certificate'
  | 'predictions'
  | 'heldOutFeatures'
  | 'device'
> &
  Partial<Pick<TrainedModel, 'baseline' | 'explainer' | 'rateIntervals' | 'driftReference' | 'kept'>>;

/** From a file of examples to what the configuration is worth on them. */
export type TrialPipeline = (
  input: PipelineInput & Pick<JudgeModelOptions, 'judgesTest'>,
) => Promise<JudgedModel>;

/** From a file of examples to a certified model. Throws AppError for what the data's owner can mend. */
export type TrainingPipeline = (input: PipelineInput) => Promise<PipelineResult>;
