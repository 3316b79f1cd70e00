import { type Weights } from '../../engine/nn';
import { type ModelConfigInput, modelConfigSchema } from '../architectures/model-config';
import { NetworkProgram, type NetworkProgramOptions } from './network-program';
import { generatePrepared, orderTask } from './prepared-test-support';

const { train } = generatePrepared({ train: 100, validation: 1, test: 1 }, orderTask);

const compile = (model: Partial<ModelConfigInput> = {}, options: Partial<NetworkProgramOptions> = {}) =>
  NetworkProgram.compile({
    model: modelConfigSchema.parse({ architecture: 'bag', dense: [4], ...model }),
    shape: train.shape,
    exampleCount: 100,
    device: 'cpu',
    threads: 1,
    ...options,
  });

describe('NetworkProgram', () => {
  it('starts from weights that are made of those drawn', async () => {
    const drawn = await compile({ seed: 2 });
    const program = await compile(
      { seed: 2 },
      {
        start: (given) => ({
          weights: new Map(
            [...given].map(([name, value]) => [name, { ...value, data: value.data.map((w) => 2 * w) }]),
          ),
          taken: 1,
          of: 2,
        }),
      },
    );
    expect(program.started).toEqual({ taken: 1, of: 2 });
    expect(drawn.started).toBeNull();
    for (const [name, { data }] of program.trained())
      expect(data).toEqual(
        drawn
          .trained()
          .get(name)
          ?.data.map((w) => 2 * w),
      );
    for (const each of [drawn, program]) await each.close();
  });

  it('goes on from an earlier model exactly where that one stands', async () => {
    const earlier = await compile({ dropout: 0 });
    const examples = await train.read(Int32Array.from({ length: 100 }, (_, n) => n));
    const chunk = {
      examples,
      weights_N: new Float32Array(100).fill(1),
      length: train.shape.sequence!.maxLength,
      steps: 1,
      firstStep: 0,
      learningRates: Float32Array.of(0.01),
    };
    await earlier.train(chunk);
    const given: Weights = new Map(earlier.trained());
    const program = await compile(
      { dropout: 0, seed: 9 },
      { start: () => ({ weights: given, taken: 0, of: 0 }) },
    );
    expect(await program.predict(examples)).toEqual(await earlier.predict(examples));
    for (const each of [earlier, program]) await each.close();
  });

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
