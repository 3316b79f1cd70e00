import { type ModelConfigInput } from '../../src/learning/architectures/model-config';

/** For tests: learns something in about a second. */
export const tiny: ModelConfigInput = {
  architecture: 'conv-recurrent',
  embeddingDimension: 4,
  convolution: { filters: 8, kernelSize: 3 },
  recurrent: { cell: 'RNN', units: 8 },
  dense: [16],
  batchSize: 64,
  learningRate: 0.01,
  maxEpochs: 6,
};

/**
 * Convolution sees what follows what; the plain recurrent cell carries the mood of the last ads on.
 * Some thousand positives teach no more than this: more capacity, more epochs or less decay only learn the noise.
 * Two small networks make less of it than one.
 */
export const standard: ModelConfigInput = {
  architecture: 'conv-recurrent',
  embeddingDimension: 4,
  convolution: { filters: 32, kernelSize: 3 },
  recurrent: { cell: 'RNN', units: 32 },
  dense: [64, 32],
  dropout: 0.2,
  members: 2,
  l2: 0.3,
  batchSize: 128,
  learningRate: 0.003,
  maxEpochs: 8,
};
