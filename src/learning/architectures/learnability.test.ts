import { rocAuc } from '../evaluation/ranking';
import { groupByScore } from '../evaluation/score-groups';
import { trainModel } from '../train-model';
import { type GeneratedExample, generatePrepared, orderTask } from '../training/prepared-test-support';
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
async function learn(model: ModelConfigInput, label = orderTask): Promise<number[]> {
  const { epochs, evaluation } = await trainModel({
    prepared: generatePrepared({ train: 2000, validation: 400, test: 400 }, label),
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

describe('what is linear in the log-odds', () => {
  it('is learned by a logistic regression, as well as it can be', async () => {
    const chance = ({ age, kinds }: GeneratedExample) =>
      1 / (1 + Math.exp(-(age - 49) / 6 - (kinds.at(-1) === 'a' ? 2 : -1)));
    const scored = { labels: [] as number[], chances: [] as number[] };
    const label = (example: GeneratedExample) => {
      const bought = example.uniform < chance(example);
      scored.labels.push(bought ? 1 : 0);
      scored.chances.push(chance(example));
      return bought;
    };
    const [validation = NaN, test = NaN] = await learn({ architecture: 'linear' }, label);
    const ceiling = rocAuc(groupByScore(Float32Array.from(scored.labels), Float32Array.from(scored.chances)));
    expect(Math.min(validation, test)).toBeGreaterThan((ceiling ?? NaN) - 0.03);
  });
});

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
    for (const area of await learn(model)) expect(area).toBeGreaterThan(0.95);
  });

  it('is hidden from a bag of events', async () => {
    for (const area of await learn({ ...small, architecture: 'bag', maxEpochs: 6 }))
      expect(area).toBeLessThan(0.6);
  });
});
