import 'reflect-metadata';
import { learningPipeline } from '../src/services/training/learning-pipeline';
import { runTrainingProcess } from '../src/services/training/training-processor';

void runTrainingProcess(({ trainingDevice, trainingConcurrency, trainingMemoryBytes }) =>
  learningPipeline({
    device: trainingDevice,
    concurrency: trainingConcurrency,
    memoryBytes: trainingMemoryBytes,
  }),
);
