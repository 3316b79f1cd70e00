import { type ModelConfigInput } from '../../src/learning/architectures/model-config';

/** For tests: learns something in about a second. */
export const tiny: ModelConfigInput = {
  architecture: 'conv-recurrent',
  embeddingDimension: 4,
  convolution: { filters: 8, kernelSize: 3 },
  recurrent: { cell: 'LSTM', units: 8 },
  dense: [16],
  batchSize: 64,
  learningRate: 0.01,
  maxEpochs: 6,
};

/**
 * Convolution sees what follows what; the LSTM's gates let a purchase end what came before it.
 * Some thousand positives teach no more than this: more capacity, more epochs or less decay only learn the noise.
 */
export const standard: ModelConfigInput = {
  architecture: 'conv-recurrent',
  embeddingDimension: 4,
  convolution: { filters: 32, kernelSize: 3 },
  recurrent: { cell: 'LSTM', units: 32 },
  dense: [64, 32],
  dropout: 0.2,
  l2: 0.3,
  batchSize: 128,
  learningRate: 0.003,
  maxEpochs: 8,
};
