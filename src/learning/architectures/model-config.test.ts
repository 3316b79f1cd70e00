import { modelConfigSchema } from './model-config';

describe('modelConfigSchema', () => {
  it('fills in every default from the architecture alone', () => {
    expect(modelConfigSchema.parse({ architecture: 'conv-recurrent' })).toMatchObject({
      embeddingDimension: 'auto',
      convolution: { kernelSize: 3, dilation: 1 },
      recurrent: { cell: 'LSTM' },
      schedule: { kind: 'cosine', warmup: 0.05 },
      optimizer: { name: 'adamw' },
    });
  });

  it.each([
    ['a misspelt option', { architecture: 'conv-recurrent', learningrate: 0.1 }],
    ['a misspelt nested option', { architecture: 'conv-recurrent', recurrent: { cell: 'GRU', unit: 8 } }],
    ['an unknown architecture', { architecture: 'forest' }],
    ['an unknown cell', { architecture: 'conv-recurrent', recurrent: { cell: 'lstm' } }],
    ['dropout of everything', { architecture: 'conv-recurrent', dropout: 1 }],
    ['a batch of nothing', { architecture: 'conv-recurrent', batchSize: 0 }],
  ])('refuses %s', (_, input) => {
    expect(modelConfigSchema.safeParse(input).success).toBe(false);
  });
});
