import 'reflect-metadata';
import path from 'node:path';
import { runWorkerProcess } from '../../../src/services/training/worker-process';
import { QUICK_TIMINGS } from './quick-timings';

/** The worker's own entry file, with a training that only counts and a short patience. */
void runWorkerProcess({
  processorFile: path.join(__dirname, 'fake-training.processor.js'),
  timings: QUICK_TIMINGS,
});
