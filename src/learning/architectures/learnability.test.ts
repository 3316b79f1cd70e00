import { trainModel } from '../train-model';
import { generatePrepared, orderTask } from '../training/prepared-test-support';
import { MemoryCheckpoints } from '../training/test-support';
import { type ModelConfigInput, modelConfigSchema } from './model-config';

const small = { dense: [8], dropout: 0, batchSize: 32, learningRate: 0.01 };

function convRecurrent(recurrent: object): ModelConfigInput {
  return {
    ...small,
    architecture: 'conv-recurrent',
    convolution: { filters: 8 },
    recurrent: { units: 8, ...recurrent },
    maxEpochs: 4,
  };
}

function transformer(pooling: 'attention' | 'mean'): ModelConfigInput {
  return {
    ...small,
    architecture: 'transformer',
    attention: { width: 16, heads: 2, blocks: 1, hidden: 16, pooling },
    maxEpochs: 6,
  };
}

/**
 * Every history holds one `a`, one `b` and some `c`, and half of them have `a` first: only order tells which.
 * @returns area under the ROC curve, the best of the validation part and that of the test part.
 */
async function learn(model: ModelConfigInput): Promise<number[]> {
  const { epochs, evaluation } = await trainModel({
    prepared: generatePrepared({ train: 2000, validation: 400, test: 400 }, orderTask),
    model: modelConfigSchema.parse(model),
    device: 'cpu',
    threads: 1,
    checkpoint: new MemoryCheckpoints(),
    signal: new AbortController().signal,
    onPhase: () => undefined,
    onProgress: () => undefined,
  });
  return [Math.max(...epochs.map(({ validationRocAuc }) => validationRocAuc)), evaluation.rocAuc ?? NaN];
}

describe('what only order tells', () => {
  it.each<[string, ModelConfigInput]>([
    ['an RNN', convRecurrent({ cell: 'RNN' })],
    ['a GRU', convRecurrent({ cell: 'GRU' })],
    ['an LSTM', convRecurrent({ cell: 'LSTM' })],
    ['an RNN that reads both ways', convRecurrent({ cell: 'RNN', bidirectional: true })],
    ['a GRU that reads both ways', convRecurrent({ cell: 'GRU', bidirectional: true })],
    ['an LSTM that reads both ways', convRecurrent({ cell: 'LSTM', bidirectional: true })],
    ['a Transformer, pooled by attention', transformer('attention')],
    ['a Transformer, pooled by the mean', transformer('mean')],
  ])('is learned by %s', async (_, model) => {
    for (const rocAuc of await learn(model)) expect(rocAuc).toBeGreaterThan(0.95);
  });

  it('is hidden from a bag of events', async () => {
    for (const rocAuc of await learn({ ...small, architecture: 'bag', maxEpochs: 6 }))
      expect(rocAuc).toBeLessThan(0.6);
  });
});
