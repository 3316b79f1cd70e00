import { CleaningDecision } from '../datasets/cleaning-decision.entity';
import { Dataset } from '../datasets/dataset.entity';
import { DatasetMappingRecord } from '../datasets/dataset-mapping.entity';
import { DomainConfiguration } from '../domains/domain-configuration.entity';
import { ModelVersion } from '../models/model-version.entity';
import { Job } from '../jobs/job.entity';
import { JobLogLine } from '../jobs/log/job-log-line.entity';
import { BatchScoring } from '../scoring/batch-scoring.entity';
import { TrainingStudy } from '../studies/training-study.entity';
import { TrainingRun } from './training-run.entity';

/** The tables that a worker and the processes that it starts read and write. */
export const TRAINING_ENTITIES = [
  Job,
  JobLogLine,
  TrainingRun,
  TrainingStudy,
  BatchScoring,
  Dataset,
  DatasetMappingRecord,
  CleaningDecision,
  DomainConfiguration,
  ModelVersion,
];
