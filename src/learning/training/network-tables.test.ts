import { Random } from '../../engine/nn';
import { fullChunk } from '../../../test/support/full-chunk';
import { modelConfigSchema } from '../architectures/model-config';
import { type InputShape } from '../features/encoded-examples';
import { trimSequences } from './length-buckets';
import { NetworkProgram } from './network-program';
import { decodeTensorFile, encodeTensorFile, type NamedTensor } from './tensor-file';
import { type LabelledExamples } from './trainable';

const [N, T] = [10, 4];
const shape: InputShape = {
  numericWidth: 2,
  cardinalities: [500, 7],
  sequence: { maxLength: T, numericWidth: 1, cardinalities: [3000] },
};

/** Categories far more than a step looks up, so that their tables are trained row by row. */
function compile(): Promise<NetworkProgram> {
  const model = modelConfigSchema.parse({
    architecture: 'conv-recurrent',
    convolution: { filters: 4 },
    recurrent: { cell: 'GRU', units: 4 },
    dense: [8],
    batchSize: N,
    averaging: 0.9,
    maxEpochs: 100,
  });
  return NetworkProgram.compile({ model, shape, exampleCount: 5 * N, device: 'cpu', threads: 1 });
}

function examples(steps: number, from: number): LabelledExamples {
  const count = steps * N;
  const random = new Random(4, from);
  const draw = (size: number, below: number) => Int32Array.from({ length: size }, () => random.below(below));
  return {
    count,
    numeric_NF: Float32Array.from({ length: 2 * count }, () => random.normal()),
    categorical_NC: Int32Array.from({ length: 2 * count }, (_, at) => random.below(at % 2 ? 7 : 500)),
    sequence: {
      numeric_NTS: Float32Array.from({ length: T * count }, () => random.normal()),
      categorical_NTK: draw(T * count, 3000),
      lengths_N: draw(count, T + 1),
    },
    labels_N: Float32Array.from(draw(count, 2)),
  };
}

const train = (program: NetworkProgram, firstStep: number) =>
  program.train(
    fullChunk(shape, {
      examples: examples(3, firstStep),
      steps: 3,
      firstStep,
      learningRates: new Float32Array(3).fill(0.01),
    }),
  );

/** Through a file, as a checkpoint goes. */
const saved = (tensors: readonly NamedTensor[]): NamedTensor[] =>
  decodeTensorFile(encodeTensorFile({}, tensors))?.tensors ?? [];

describe('a network with large vocabularies', () => {
  test('goes on from a state, as from weights and tables that it never left', async () => {
    const whole = await compile();
    for (const step of [0, 3, 6]) await train(whole, step);

    const first = await compile();
    await train(first, 0);
    const state = first.state();
    expect(state.map(({ name }) => name)).toContain('table member1.history.events.width32.table');
    await train(first, 3);
    for (const program of [await compile(), first]) {
      program.restore(state);
      await train(program, 3);
      await train(program, 6);
      expect(saved(program.state())).toEqual(saved(whole.state()));
      expect(await program.predict(examples(1, 99))).toEqual(await whole.predict(examples(1, 99)));
      await program.close();
    }
    await whole.close();
  });

  test('goes on with the rows that a program for shorter histories left', async () => {
    const length = 2;
    const short = examples(3, 3);
    const { numeric_NTS, categorical_NTK, lengths_N } = short.sequence!;
    lengths_N.forEach((steps, n) => (lengths_N[n] = Math.min(steps, length)));
    for (let at = 0; at < short.count * T; at += 1)
      if (at % T >= length) [numeric_NTS[at], categorical_NTK[at]] = [0, 0];
    const answers: Float32Array[] = [];
    for (const isTrimmed of [true, false]) {
      const program = await compile();
      await train(program, 0);
      await program.train({
        ...fullChunk(shape, {
          examples: isTrimmed ? trimSequences(short, shape.sequence!, length) : short,
          steps: 3,
          firstStep: 3,
          learningRates: new Float32Array(3).fill(0.01),
        }),
        length: isTrimmed ? length : T,
      });
      await train(program, 6);
      answers.push(await program.predict(examples(1, 99)));
      await program.close();
    }
    const [trimmed, padded] = answers;
    trimmed!.forEach((logit, n) => {
      expect(Math.abs(logit - padded![n]!)).toBeLessThan(1e-4);
    });
  });

  test('answers as weights say that it was given back, until it trains on', async () => {
    const program = await compile();
    await train(program, 0);
    const best = program.weights();
    const answers = await program.predict(examples(1, 99));
    const before = saved(best);
    await train(program, 3);
    const later = await program.predict(examples(1, 99));
    expect(later).not.toEqual(answers);
    expect(saved(best)).toEqual(before);

    const state = saved(program.state());
    program.restore(best);
    expect(await program.predict(examples(1, 99))).toEqual(answers);
    expect(program.weights()).toEqual(best);
    program.restore(state);
    expect(await program.predict(examples(1, 99))).toEqual(later);
    await program.close();
  });
});
