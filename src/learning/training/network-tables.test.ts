import { Random } from '../../engine/nn';
import { fullChunk } from '../../../test/support/full-chunk';
import { modelConfigSchema } from '../architectures/model-config';
import { type InputShape } from '../features/encoded-examples';
import { trimSequences } from './length-buckets';
import { NetworkProgram } from './network-program';
import { decodeTensorFile, encodeTensorFile, type NamedTensor } from './tensor-file';
import { type LabelledExamples } from './trainable';

const [N, T] = [10, 4];
const sequence = { maxLength: T, numericWidth: 1, cardinalities: [3000] };
/** Categories far more than a step looks up, so that their tables are trained row by row. */
const large: InputShape = { numericWidth: 2, cardinalities: [500, 7], sequence };

function compile(shape = large): Promise<NetworkProgram> {
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

function examples(steps: number, from: number, vocabulary = 3000): LabelledExamples {
  const count = steps * N;
  const random = new Random(4, from);
  const draw = (size: number, below: number) => Int32Array.from({ length: size }, () => random.below(below));
  return {
    count,
    numeric_NF: Float32Array.from({ length: 2 * count }, () => random.normal()),
    categorical_NC: Int32Array.from({ length: 2 * count }, (_, at) => random.below(at % 2 ? 7 : 500)),
    sequence: {
      numeric_NTS: Float32Array.from({ length: T * count }, () => random.normal()),
      categorical_NTK: draw(T * count, vocabulary),
      lengths_N: draw(count, T + 1),
    },
    labels_N: Float32Array.from(draw(count, 2)),
  };
}

const train = (program: NetworkProgram, firstStep: number, vocabulary = 3000) =>
  program.train(
    fullChunk(large, {
      examples: examples(3, firstStep, vocabulary),
      steps: 3,
      firstStep,
      learningRates: new Float32Array(3).fill(0.01),
    }),
  );

const fileOf = (tensors: readonly NamedTensor[]): Uint8Array => encodeTensorFile({}, tensors);

/** Through a file, as a checkpoint goes. */
const saved = (tensors: readonly NamedTensor[]): NamedTensor[] =>
  decodeTensorFile(fileOf(tensors))?.tensors ?? [];

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
      expect(Buffer.compare(fileOf(program.state()), fileOf(whole.state()))).toBe(0);
      expect(await program.predict(examples(1, 99))).toEqual(await whole.predict(examples(1, 99)));
      await program.close();
    }
    await whole.close();
  });

  test.each([
    ['of thousands', 3000],
    ['of fewer categories than longer histories have lookups, and more than shorter', 3 * N],
  ])('goes on with what a program for shorter histories left: %s', async (_name, vocabulary) => {
    const length = 2;
    const shape = { ...large, sequence: { ...sequence, cardinalities: [vocabulary] } };
    const short = examples(3, 3, vocabulary);
    const { numeric_NTS, categorical_NTK, lengths_N } = short.sequence!;
    lengths_N.forEach((steps, n) => (lengths_N[n] = Math.min(steps, length)));
    for (let at = 0; at < short.count * T; at += 1)
      if (at % T >= length) [numeric_NTS[at], categorical_NTK[at]] = [0, 0];
    const answers: Float32Array[] = [];
    for (const isTrimmed of [true, false]) {
      const program = await compile(shape);
      await train(program, 0, vocabulary);
      await program.train({
        ...fullChunk(shape, {
          examples: isTrimmed ? trimSequences(short, shape.sequence, length) : short,
          steps: 3,
          firstStep: 3,
          learningRates: new Float32Array(3).fill(0.01),
        }),
        length: isTrimmed ? length : T,
      });
      await train(program, 6, vocabulary);
      answers.push(await program.predict(examples(1, 99, vocabulary)));
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
    expect(Buffer.compare(fileOf(best), fileOf(before))).toBe(0);

    const state = saved(program.state());
    program.restore(best);
    expect(await program.predict(examples(1, 99))).toEqual(answers);
    expect(program.weights()).toEqual(best);
    program.restore(state);
    expect(await program.predict(examples(1, 99))).toEqual(later);
    await program.close();
  });
});
