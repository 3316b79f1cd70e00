import { z } from 'zod';
import { DEFAULT_L2, networkOptions, trainingOptions } from './training-options';

/** Convex, and cheap: it may take large steps, and enough of them to arrive. */
const LINEAR = { learningRate: 0.01, maxEpochs: 20, l2: 0.05 };

/** Embeddings and numbers of each event → convolution over time → recurrent state → joined with the example's own features. */
const convRecurrent = z.strictObject({
  architecture: z.literal('conv-recurrent'),
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
      /** Also reads each history from its end; both states lie side by side. */
      bidirectional: z.boolean().default(false),
    })
    .prefault({}),
  ...networkOptions,
  ...trainingOptions,
});

/** Embeddings and numbers of each event, and its position → Transformer blocks → one vector → joined with the example's own features. */
const transformer = z.strictObject({
  architecture: z.literal('transformer'),
  /** Used when the data has a sequence. */
  attention: z
    .strictObject({
      /** Width of an event's vector within the blocks. */
      width: z.int().min(1).max(1024).default(32),
      /** Side by side in each block, of width/heads units each. */
      heads: z.int().min(1).max(64).default(4),
      blocks: z.int().min(1).max(24).default(2),
      /** Width of the hidden layer in each block. */
      hidden: z.int().min(1).max(4096).default(64),
      /** How the events' vectors become one: their mean, or a mean with weights that are learned. */
      pooling: z.enum(['attention', 'mean']).default('attention'),
    })
    .refine(({ width, heads }) => width % heads === 0, {
      path: ['heads'],
      error: 'must divide the width',
    })
    .prefault({}),
  ...networkOptions,
  ...trainingOptions,
});

/** The mean of the events' embeddings and numbers, joined with the example's own features: blind to order, a baseline. */
const bag = z.strictObject({ architecture: z.literal('bag'), ...networkOptions, ...trainingOptions });

/** Logistic regression: no hidden layer, and so nothing but sums of effects. What any network is to be worth more than. */
const linear = z.strictObject({
  architecture: z.literal('linear'),
  ...trainingOptions,
  learningRate: trainingOptions.learningRate.default(LINEAR.learningRate),
  maxEpochs: trainingOptions.maxEpochs.default(LINEAR.maxEpochs),
});

/** How a model is built and trained. Unknown keys are errors: a misspelt option must not be ignored. */
export const modelConfigSchema = z
  .discriminatedUnion('architecture', [convRecurrent, transformer, bag, linear])
  .transform((config) => ({ ...config, l2: config.l2 ?? defaultL2(config) }));

function defaultL2({
  architecture,
  optimizer,
}: Pick<z.infer<typeof linear | typeof bag>, 'optimizer'> & { architecture: string }): number {
  return architecture === 'linear' && optimizer.name === 'adamw' ? LINEAR.l2 : DEFAULT_L2[optimizer.name];
}

export type ModelConfig = z.infer<typeof modelConfigSchema>;
/** What may be written: defaults left out. */
export type ModelConfigInput = z.input<typeof modelConfigSchema>;
export type LearningRateSchedule = ModelConfig['schedule'];
export type Architecture = ModelConfig['architecture'];
/** With hidden layers, and so with the options that these have. */
export type NetworkConfig = Exclude<ModelConfig, { architecture: 'linear' }>;
/** The configuration of one architecture. */
export type ConfigOf<A extends Architecture> = Extract<ModelConfig, { architecture: A }>;
