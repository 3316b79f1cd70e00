import { z } from 'zod';

const schedule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant') }),
  /** Linear warm-up, then half a cosine down to the floor at the last step of the last epoch. */
  z.strictObject({
    kind: z.literal('cosine'),
    /** Share of all steps that warm up. */
    warmup: z.number().min(0).max(0.5).default(0.05),
    /** Share of the learning rate that is left at the end. */
    floor: z.number().min(0).max(1).default(0.02),
  }),
  /** Multiplies the rate whenever the validation loss has not fallen for some epochs. */
  z.strictObject({
    kind: z.literal('plateau'),
    factor: z.number().gt(0).lt(1).default(0.5),
    patience: z.int().min(0).max(100).default(1),
    /** Share of the learning rate below which it never falls. */
    floor: z.number().min(0).max(1).default(0.01),
  }),
]);

const optimizer = z.strictObject({
  /** Adam with decoupled weight decay (`l2`): Loshchilov & Hutter 2019. */
  name: z.literal('adamw').default('adamw'),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  epsilon: z.number().positive().max(1e-2).default(1e-8),
  /** Largest global norm of the gradients; larger ones are scaled down to it. */
  clipNorm: z.number().positive().max(1000).default(5),
});

/** Embeddings and numbers of each event → convolution over time → recurrent state → joined with the example's own features. */
const convRecurrent = z.strictObject({
  architecture: z.literal('conv-recurrent'),
  /** Width of each category's vector; `auto` grows with the vocabulary, from 2 to 32. */
  embeddingDimension: z.union([z.int().min(1).max(256), z.literal('auto')]).default('auto'),
  /** Used when the data has a sequence. */
  convolution: z
    .strictObject({
      filters: z.int().min(1).max(1024).default(32),
      kernelSize: z.int().min(1).max(31).default(3),
      dilation: z.int().min(1).max(64).default(1),
    })
    .prefault({}),
  /** Used when the data has a sequence. */
  recurrent: z
    .strictObject({
      cell: z.enum(['RNN', 'GRU', 'LSTM']).default('LSTM'),
      units: z.int().min(1).max(1024).default(32),
    })
    .prefault({}),
  /** Widths of the hidden layers between the joined features and the logit. */
  dense: z.array(z.int().min(1).max(4096)).max(8).default([64, 32]),
  /**
   * Networks trained side by side, each from first weights of its own, whose logits are averaged: what one makes
   * of noise the others do not. Costs as many times the time.
   */
  members: z.int().min(1).max(16).default(1),
  /** Share of hidden activations that is dropped in training. */
  dropout: z.number().min(0).max(0.9).default(0.2),
  /** Decoupled weight decay per step, in units of the learning rate; biases are exempt. */
  l2: z.number().min(0).max(10).default(0.5),
  optimizer: optimizer.prefault({}),
  /**
   * Decay per step of the moving average of the weights, which is what is judged and kept; 0 keeps the last
   * weights themselves. The average of 1/(1 − decay) steps lies nearer the middle of a minimum than any one step.
   * Short runs average over fewer: a tenth of their steps at most.
   */
  averaging: z.number().min(0).lt(1).default(0.99),
  learningRate: z.number().positive().max(1).default(3e-3),
  schedule: schedule.prefault({ kind: 'cosine' }),
  /** Examples per optimizer step; the training part's size when that is smaller. */
  batchSize: z.int().min(1).max(65_536).default(128),
  maxEpochs: z.int().min(1).max(1000).default(8),
  /** Epochs without a lower validation loss before training stops; the best epoch's weights are kept. */
  patience: z.int().min(1).max(1000).default(3),
  /** Of initial weights, shuffling and dropout: the same seed on the same machine gives the same model. */
  seed: z.int().min(0).max(2_147_483_647).default(1),
});

/** How a model is built and trained. Unknown keys are errors: a misspelt option must not be ignored. */
export const modelConfigSchema = z.discriminatedUnion('architecture', [convRecurrent]);

export type ModelConfig = z.infer<typeof modelConfigSchema>;
/** What may be written: defaults left out. */
export type ModelConfigInput = z.input<typeof modelConfigSchema>;
export type LearningRateSchedule = ModelConfig['schedule'];
