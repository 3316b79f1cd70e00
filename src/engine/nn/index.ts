/**
 * Layers, losses and optimizers.
 *
 * A model is a function of a `Scope` and its input values that returns output values. Layers take the scope of
 * their own (`scope.in('head')`), which names their parameters. The same function gives the training graph, the
 * evaluation graph and the exported one: the scope differs.
 */
export { type Activation, ACTIVATIONS, gelu, silu } from './activations';
export { type Buffer, type BufferSpec, notedBuffer } from './buffers';
export {
  gateBiases,
  type Initializer,
  kaimingUniform,
  normal,
  ones,
  orthogonal,
  sideBySide,
  xavierUniform,
  zeros,
} from './initializers';
export {
  addPositions,
  attentionPooling,
  selfAttention,
  targetAttention,
  transformerBlock,
} from './layers/attention';
export { batchNorm, type BatchNormOptions, sequenceBatchNorm } from './layers/batch-norm';
export { conv1d, type Conv1dOptions } from './layers/conv1d';
export { dense, linear } from './layers/dense';
export { dropout } from './layers/dropout';
export { embedding } from './layers/embedding';
export { layerNorm } from './layers/normalization';
export { crossNetwork, embeddingBag, ensembleDense, piecewiseLinear } from './layers/tabular';
export { lastStep, maskSequence, maxOverTime, meanOverTime, sequenceMask } from './layers/sequence';
export {
  binaryCrossEntropy,
  classWeights,
  focalLoss,
  hingeLoss,
  multiTask,
  smoothLabels,
  softmaxCrossEntropy,
  squaredError,
  weightedMean,
} from './losses';
export { adam, type Optimizer, sgd } from './optimizers';
export { pathIntegrals, type PathPoints } from './path-integrals';
export { Random } from './random';
export { type CellKind, recurrent, type Recurrent, type RecurrentOptions } from './recurrent/recurrent';
export { type ParameterSpec, Scope, type Supply } from './scope';
export {
  allParameters,
  type Census,
  constantScope,
  countParameters,
  takeCensus,
  valueScope,
  type Weights,
} from './supplies';
