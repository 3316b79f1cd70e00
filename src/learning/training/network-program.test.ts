import { type ModelConfigInput, modelConfigSchema } from '../architectures/model-config';
import { NetworkProgram } from './network-program';
import { generatePrepared, orderTask } from './prepared-test-support';

const { train } = generatePrepared({ train: 100, validation: 1, test: 1 }, orderTask);

const compile = (model: Partial<ModelConfigInput> = {}) =>
  NetworkProgram.compile({
    model: modelConfigSchema.parse({ architecture: 'bag', dense: [4], ...model }),
    shape: train.shape,
    exampleCount: 100,
    device: 'cpu',
    threads: 1,
  });

describe('NetworkProgram', () => {
  it('gives rows of weight 0 no say', async () => {
    const filled = await compile({ dropout: 0, batchSize: 100 });
    const indices = Int32Array.from({ length: 100 }, (_, n) => n);
    const weights_N = Float32Array.from({ length: 100 }, (_, n) => (n < 60 ? 1 : 0));
    const length = train.shape.sequence!.maxLength;
    const rest = { weights_N, length, steps: 1, firstStep: 0, learningRates: Float32Array.of(0.01) };
    const losses = await filled.train({ examples: await train.read(indices), ...rest });
    const other = await compile({ dropout: 0, batchSize: 100 });
    const examples = await train.read(indices.map((index) => (index < 60 ? index : 3)));
    expect(await other.train({ examples, ...rest })).toEqual(losses);
    expect(other.weights()).toEqual(filled.weights());
    for (const each of [filled, other]) await each.close();
  });
});
