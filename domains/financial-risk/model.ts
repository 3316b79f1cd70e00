import { type ModelConfigInput } from '../../src/learning/architectures/model-config';

/** For tests: learns something in about a second. */
export const tiny: ModelConfigInput = {
  architecture: 'conv-recurrent',
  embeddingDimension: 4,
  convolution: { filters: 8, kernelSize: 3 },
  recurrent: { cell: 'LSTM', units: 8 },
  dense: [16],
  batchSize: 64,
  maxEpochs: 3,
};

/** Convolution sees what follows what; the LSTM holds an account's habit against its last months. */
export const standard: ModelConfigInput = {
  architecture: 'conv-recurrent',
  embeddingDimension: 8,
  convolution: { filters: 32, kernelSize: 3 },
  recurrent: { cell: 'LSTM', units: 32 },
  dense: [64, 32],
};
