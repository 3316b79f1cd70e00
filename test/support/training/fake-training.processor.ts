import 'reflect-metadata';
import { runTrainingProcess } from '../../../src/services/training/training-processor';
import { fakePipeline } from './fake-pipeline';

void runTrainingProcess(() => fakePipeline);
