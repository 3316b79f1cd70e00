import { z } from 'zod';

/** How the learning rate moves over a run. */
export const schedule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant') }),
  /** Multiplies the rate every so many epochs. */
  z.strictObject({
    kind: z.literal('step'),
    factor: z.number().gt(0).lt(1).default(0.5),
    everyEpochs: z.int().min(1).max(1000).default(2),
  }),
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

/** Largest global norm of the gradients; larger ones are scaled down to it. */
const clipNorm = z.number().positive().max(1000).default(5);

const adamOptions = {
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  epsilon: z.number().positive().max(1e-2).default(1e-8),
  clipNorm,
};

export const optimizer = z.discriminatedUnion('name', [
  /** Adam with decoupled weight decay: p ← p − η·λ·p beside the update (Loshchilov & Hutter 2019). */
  z.strictObject({ name: z.literal('adamw').default('adamw'), ...adamOptions }),
  /** Adam as it was first published, with ½λ‖p‖² added to the loss (Kingma & Ba 2015). */
  z.strictObject({ name: z.literal('adam'), ...adamOptions }),
  /** Stochastic gradient descent with momentum, with ½λ‖p‖² added to the loss (Sutskever et al. 2013). */
  z.strictObject({ name: z.literal('sgd'), momentum: z.number().min(0).lt(1).default(0.9), clipNorm }),
]);

/** λ where the configuration names none: decoupled decay is in units of the learning rate, a penalty is not. */
export const DEFAULT_L2 = { adamw: 0.5, adam: 1e-4, sgd: 1e-4 } as const;

/** What training lowers. */
export const loss = z.discriminatedUnion('kind', [
  /** −ln of the probability of what happened. */
  z.strictObject({
    kind: z.literal('cross-entropy'),
    /** Weight of a positive example's loss; a negative one's is 1. Does not shift the probabilities. */
    positiveWeight: z.number().min(0.01).max(1000).default(1),
    /** Labels are moved from 0 and 1 by half of this towards each other. */
    labelSmoothing: z.number().min(0).max(0.5).default(0),
  }),
  /** Cross-entropy that fades for examples that are easy already (Lin et al. 2017). */
  z.strictObject({ kind: z.literal('focal'), gamma: z.number().min(0).max(10).default(2) }),
]);

/** How often an epoch shows the examples of each class. */
export const balance = z.discriminatedUnion('kind', [
  /** Every example once. */
  z.strictObject({ kind: z.literal('none') }),
  /**
   * Every example of the more common class once, and those of the rarer one as often as it takes to make up a share
   * of the epoch. Does not shift the probabilities.
   */
  z.strictObject({ kind: z.literal('oversample'), share: z.number().gt(0).max(0.5).default(0.5) }),
]);

/** What every network has: how events and features become vectors, and how the logit is made of them. */
export const networkOptions = {
  /** Width of each category's vector; `auto` grows with the vocabulary, from 2 to 32. */
  embeddingDimension: z.union([z.int().min(1).max(256), z.literal('auto')]).default('auto'),
  /**
   * Deviation of the vectors' first values, times √width. A small one suits many rare categories: those that training has
   * hardly seen then say next to nothing, instead of noise.
   */
  embeddingScale: z.number().positive().max(10).default(1),
  /**
   * Whether each category of the example has a weight of its own in the logit, beside its vector, as in logistic
   * regression. It begins at 0, and decays.
   */
  categoryEffects: z.boolean().default(false),
  /** Widths of the hidden layers between the joined features and the logit. */
  dense: z.array(z.int().min(1).max(4096)).max(8).default([64, 32]),
  /**
   * Networks trained side by side, each from first weights of its own, whose logits are averaged: what one makes
   * of noise the others do not. Costs as many times the time.
   */
  members: z.int().min(1).max(64).default(1),
  /**
   * `separate`: members are whole networks. `shared`: they share all weights, but for factors of their own before and
   * after each dense layer, biases and the last layer (TabM: Gorishniy et al. 2025), and what is made of the history. Much
   * cheaper, and each holds the others back from learning noise.
   */
  memberWeights: z.enum(['separate', 'shared']).default('separate'),
  /** Share of hidden activations that is dropped in training. */
  dropout: z.number().min(0).max(0.9).default(0.2),
};

/** How anything is trained. */
export const trainingOptions = {
  /** λ of weight decay; biases are exempt. See `optimizer` for what it means with each; by default `DEFAULT_L2`. */
  l2: z.number().min(0).max(10).optional(),
  optimizer: optimizer.prefault({}),
  loss: loss.prefault({ kind: 'cross-entropy' }),
  balance: balance.default({ kind: 'none' }),
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
  /**
   * Most lengths that histories are padded to: a batch holds histories of similar length, and padding costs as much as
   * events do. Fewer are used where more would save little; 1 pads all histories alike.
   */
  lengthBuckets: z.int().min(1).max(8).default(4),
  maxEpochs: z.int().min(1).max(1000).default(8),
  /** Epochs without a lower validation loss before training stops; the best epoch's weights are kept. */
  patience: z.int().min(1).max(1000).default(3),
  /** Of initial weights, shuffling and dropout: the same seed on the same machine gives the same model. */
  seed: z.int().min(0).max(2_147_483_647).default(1),
};
