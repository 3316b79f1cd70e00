import 'reflect-metadata';
import path from 'node:path';
import { runWorkerProcess } from '../src/services/training/worker-process';

void runWorkerProcess({ processorFile: path.join(__dirname, 'training.processor.js') });
