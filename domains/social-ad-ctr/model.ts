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
 * With some thousand positives, more capacity or less decay only learns the noise: a full cosine over few epochs.
 */
export const standard: ModelConfigInput = {
  architecture: 'conv-recurrent',
  embeddingDimension: 4,
  convolution: { filters: 32, kernelSize: 3 },
  recurrent: { cell: 'RNN', units: 32 },
  dense: [64, 32],
  dropout: 0.2,
  l2: 0.3,
  learningRate: 0.003,
  maxEpochs: 8,
};
