import { modelConfigSchema } from './model-config';

describe('modelConfigSchema', () => {
  it('fills in every default from the architecture alone', () => {
    expect(modelConfigSchema.parse({ architecture: 'conv-recurrent' })).toMatchObject({
      embeddingDimension: 'auto',
      convolution: { kernelSize: 3, dilation: 1 },
      recurrent: { cell: 'LSTM' },
      schedule: { kind: 'cosine', warmup: 0.05 },
      optimizer: { name: 'adamw' },
      loss: { kind: 'cross-entropy', positiveWeight: 1, labelSmoothing: 0 },
      balance: { kind: 'none' },
    });
    expect(modelConfigSchema.parse({ architecture: 'transformer' })).toMatchObject({
      attention: { width: 32, heads: 4, blocks: 2, pooling: 'attention' },
    });
  });

  it.each(['conv-recurrent', 'transformer', 'bag', 'linear'])(
    'leaves a complete %s as it is',
    (architecture) => {
      const complete = modelConfigSchema.parse({ architecture });
      expect(modelConfigSchema.parse(complete)).toEqual(complete);
    },
  );

  it('decays as the optimizer understands it, unless told otherwise', () => {
    const l2 = (options: object) => modelConfigSchema.parse({ architecture: 'bag', ...options }).l2;
    expect(l2({ optimizer: { clipNorm: 1 } })).toBe(0.5);
    expect(l2({ optimizer: { name: 'adam' } })).toBe(1e-4);
    expect(l2({ optimizer: { name: 'sgd' }, l2: 0.01 })).toBe(0.01);
  });

  it.each([
    ['a misspelt option', { architecture: 'conv-recurrent', learningrate: 0.1 }],
    ['a misspelt nested option', { architecture: 'conv-recurrent', recurrent: { cell: 'GRU', unit: 8 } }],
    ['an unknown architecture', { architecture: 'forest' }],
    ['an unknown cell', { architecture: 'conv-recurrent', recurrent: { cell: 'lstm' } }],
    ["another architecture's option", { architecture: 'bag', recurrent: {} }],
    ['hidden layers of what has none', { architecture: 'linear', dense: [8] }],
    ["another optimizer's option", { architecture: 'bag', optimizer: { name: 'sgd', beta1: 0.9 } }],
    ["another loss's option", { architecture: 'bag', loss: { kind: 'focal', positiveWeight: 2 } }],
    [
      'heads that do not divide the width',
      { architecture: 'transformer', attention: { width: 6, heads: 4 } },
    ],
    [
      'a rarer class that is to be the common one',
      { architecture: 'bag', balance: { kind: 'oversample', share: 0.6 } },
    ],
    ['dropout of everything', { architecture: 'conv-recurrent', dropout: 1 }],
    ['a batch of nothing', { architecture: 'conv-recurrent', batchSize: 0 }],
  ])('refuses %s', (_, input) => {
    expect(modelConfigSchema.safeParse(input).success).toBe(false);
  });
});
