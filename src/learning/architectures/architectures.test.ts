import { CERTIFICATE_TOLERANCE } from '../export/certificate';
import { encode } from '../features/encode';
import { type FeatureMap } from '../features/feature-map';
import { type PreparedPart } from '../preparation/prepared-examples';
import { trainModel } from '../train-model';
import { trimSequences } from '../training/length-buckets';
import { NetworkProgram } from '../training/network-program';
import { generatePrepared, orderTask } from '../training/prepared-test-support';
import { MemoryCheckpoints } from '../training/test-support';
import { type ModelConfigInput, modelConfigSchema } from './model-config';

const small = { dense: [8], batchSize: 50, dropout: 0 };
const attention = { width: 8, heads: 2, hidden: 8 };
const models: Array<[string, ModelConfigInput]> = [
  ...(['RNN', 'GRU', 'LSTM'] as const).flatMap((cell): Array<[string, ModelConfigInput]> =>
    [false, true].map((bidirectional) => [
      `a recurrent ${cell}${bidirectional ? ' that reads both ways' : ''}`,
      { ...small, architecture: 'conv-recurrent', recurrent: { cell, units: 4, bidirectional } },
    ]),
  ),
  ['a Transformer', { ...small, architecture: 'transformer', attention }],
  [
    'a Transformer that takes the mean',
    { ...small, architecture: 'transformer', attention: { ...attention, pooling: 'mean' } },
  ],
  ['a bag', { ...small, architecture: 'bag' }],
  [
    'a bag with effects of categories',
    { ...small, architecture: 'bag', categoryEffects: true, embeddingScale: 0.1 },
  ],
  ['a logistic regression', { architecture: 'linear', batchSize: 50 }],
  [
    'members that share their weights',
    {
      ...small,
      architecture: 'conv-recurrent',
      recurrent: { units: 4 },
      members: 3,
      memberWeights: 'shared',
    },
  ],
  [
    'members that share all but their last layer',
    { ...small, architecture: 'bag', dense: [], members: 3, memberWeights: 'shared' },
  ],
  ['two bags', { ...small, architecture: 'bag', members: 2 }],
];

describe.each(models)('%s', (_, input) => {
  const model = modelConfigSchema.parse(input);
  const prepared = generatePrepared({ train: 300, validation: 100, test: 100 }, orderTask);

  it('is exported as it was trained, also for examples without events', async () => {
    const { featureMap } = prepared;
    const { certificate } = await trainModel({
      prepared: {
        ...prepared,
        train: withoutSomeEvents(prepared.train, featureMap),
        validation: withoutSomeEvents(prepared.validation, featureMap),
        test: withoutSomeEvents(prepared.test, featureMap),
      },
      model: { ...model, maxEpochs: 2 },
      device: 'cpu',
      threads: 1,
      checkpoint: new MemoryCheckpoints(),
      signal: new AbortController().signal,
      onPhase: () => undefined,
      onProgress: () => undefined,
    });
    expect(certificate.comparedExamples).toBe(200);
    expect(certificate.maxProbabilityDifference).toBeLessThanOrEqual(CERTIFICATE_TOLERANCE);
  });

  it('learns the same from histories with less padding', async () => {
    const { train } = prepared;
    const lengths = (await train.read(Int32Array.from({ length: 300 }, (_, n) => n))).sequence!.lengths_N;
    const short = Int32Array.from(lengths.keys()).filter((n) => lengths[n]! <= 4);
    const examples = await train.read(short.subarray(0, 100));
    const [padded, trimmed] = await Promise.all(
      [6, 4].map(async (length) => {
        const program = await NetworkProgram.compile({
          model,
          shape: train.shape,
          exampleCount: 100,
          device: 'cpu',
          threads: 1,
        });
        const losses = await program.train({
          examples: trimSequences(examples, train.shape.sequence!, length),
          weights_N: new Float32Array(100).fill(1),
          length,
          steps: 2,
          firstStep: 0,
          learningRates: Float32Array.of(0.01, 0.01),
        });
        const logits = await program.predict(examples);
        await program.close();
        return [...losses, ...logits];
      }),
    );
    padded!.forEach((number, index) => expect(trimmed![index]).toBeCloseTo(number, 4));
  });
});

/** The part with every fifth history empty. */
function withoutSomeEvents(part: PreparedPart, featureMap: FeatureMap): PreparedPart {
  const readRaw = async (indices: Int32Array) => {
    const raw = await part.readRaw(indices);
    const sequence = raw.sequence!;
    const lengths = sequence.lengths.map((length, row) => (indices[row]! % 5 === 0 ? 0 : length));
    return { ...raw, sequence: { ...sequence, lengths } };
  };
  return {
    ...part,
    readRaw,
    read: async (indices) => ({
      ...encode(featureMap, await readRaw(indices)),
      labels_N: (await part.read(indices)).labels_N,
    }),
  };
}
