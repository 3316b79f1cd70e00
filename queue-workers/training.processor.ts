import 'reflect-metadata';
import { judgingPipeline, learningPipeline } from '../src/services/training/learning-pipeline';
import { runTrainingProcess } from '../src/services/training/training-processor';

void runTrainingProcess(({ trainingDevice, trainingConcurrency, trainingMemoryBytes }) => {
  const options = {
    device: trainingDevice,
    concurrency: trainingConcurrency,
    memoryBytes: trainingMemoryBytes,
  };
  return { pipeline: learningPipeline(options), trials: judgingPipeline(options) };
});
