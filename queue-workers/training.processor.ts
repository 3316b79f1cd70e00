import 'reflect-metadata';
import { learningPipeline } from '../src/services/training/learning-pipeline';
import { runTrainingProcess } from '../src/services/training/training-processor';

void runTrainingProcess(({ trainingDevice: device, trainingConcurrency: concurrency }) =>
  learningPipeline({ device, concurrency }),
);
