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
  it('starts from the weights of an earlier model that fit, draws the others, and says which', async () => {
    const earlier = await compile({ seed: 1 });
    const given = earlier.trained();
    const program = await compile({ seed: 2, dense: [4, 3] }, { initialWeights: given });
    const cold = await compile({ seed: 2, dense: [4, 3] });

    const { taken, drawn } = program.warmStart;
    const started = program.trained();
    expect([...taken, ...drawn].sort()).toEqual([...started.keys()].sort());
    // Between the hidden layers and the logit the shapes changed.
    expect([...drawn].sort()).toEqual([
      'member1.dense2.bias',
      'member1.dense2.kernel',
      'member1.logit.kernel',
    ]);
    expect(taken).toContain('member1.history.events.width4.table');
    for (const name of taken) expect(started.get(name)).toEqual(given.get(name));
    for (const name of drawn) expect(started.get(name)).toEqual(cold.trained().get(name));
    expect(cold.warmStart.taken).toEqual([]);
    for (const each of [earlier, program, cold]) await each.close();
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
    const program = await compile({ dropout: 0, seed: 9 }, { initialWeights: given });
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
