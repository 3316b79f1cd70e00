import 'reflect-metadata';
import { runTrainingProcess } from '../../../src/services/training/training-processor';
import { fakePipeline, fakeTrials } from './fake-pipeline';

// Scorings are the real ones, in parts so small that one can be disturbed between two.
void runTrainingProcess(() => ({ pipeline: fakePipeline, trials: fakeTrials }), { partRows: 100 });
