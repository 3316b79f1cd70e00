import { modelConfigSchema } from '../architectures/model-config';
import { type ExampleSource } from '../features/encoded-examples';
import { decodeCheckpoint } from './checkpoint';
import { fit } from './fit';
import { NetworkProgram } from './network-program';
import { generatePrepared, orderTask } from './prepared-test-support';
import { MemoryCheckpoints } from './test-support';
import { type LabelledExamples } from './trainable';

const model = modelConfigSchema.parse({
  architecture: 'conv-recurrent',
  convolution: { filters: 4 },
  recurrent: { cell: 'GRU', units: 4 },
  dense: [8],
  batchSize: 50,
  // The source counts what is read: with buckets, lengths are read first.
  lengthBuckets: 1,
  maxEpochs: 2,
});
const { train, validation } = generatePrepared({ train: 400, validation: 100, test: 1 }, orderTask);

/** A source that spoils the examples of one read: the first of the second epoch, unless another is given. */
function spoiled(spoil: (examples: LabelledExamples) => void): ExampleSource {
  let examplesRead = 0;
  return {
    ...train,
    count: train.count,
    shape: train.shape,
    read: async (indices) => {
      const examples = await train.read(indices);
      if (examplesRead >= train.count) spoil(examples);
      examplesRead += indices.length;
      return examples;
    },
  };
}

async function run(source: ExampleSource, checkpoint: MemoryCheckpoints): Promise<Uint8Array[]> {
  const program = await NetworkProgram.compile({
    model,
    shape: train.shape,
    exampleCount: train.count,
    device: 'cpu',
    threads: 1,
  });
  try {
    await fit({
      data: { train: source, validation },
      trainable: program,
      model,
      checkpoint,
      fingerprint: 'a run',
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    return checkpoint.saved;
  } finally {
    await program.close();
  }
}

describe('a run that stops being a number', () => {
  const row = (examples: LabelledExamples, values: Float32Array, index: number): Float32Array =>
    values.subarray((index * values.length) / examples.count, ((index + 1) * values.length) / examples.count);

  it.each([
    [
      'an example that holds NaN',
      (examples: LabelledExamples) => row(examples, examples.numeric_NF, 3).fill(NaN),
      /^step 9: the loss is NaN, because the input numeric holds NaN or infinity$/,
    ],
    [
      'an example beyond all bounds',
      (examples: LabelledExamples) => row(examples, examples.numeric_NF, 3).fill(3.4e38),
      /^step 9: the loss is (NaN|Infinity)\. It began with Gemm float32\[50,8\] in member1\.dense1: \d infinite of 400 numbers, from inputs within \[.*, 3\.400e\+38\]\. A lower learning rate/,
    ],
  ])('names step and tensor, and leaves the last good checkpoint: %s', async (_name, spoil, message) => {
    const checkpoint = new MemoryCheckpoints();
    await expect(run(spoiled(spoil), checkpoint)).rejects.toMatchObject({
      code: 'TRAINING_FAILED',
      message: expect.stringMatching(message) as string,
    });
    expect(checkpoint.saved).toHaveLength(1);
    const kept = decodeCheckpoint(checkpoint.saved[0]!, 'a run')!;
    expect(kept.position).toMatchObject({ epoch: 2, stepInEpoch: 0 });
    for (const { data } of kept.state) expect(data.every(Number.isFinite)).toBe(true);

    // What is left is as good as a run that never saw the bad examples.
    const whole = await run(train, new MemoryCheckpoints());
    const resumed = await run(train, new MemoryCheckpoints(checkpoint.saved[0]));
    const end = (saved: Uint8Array[]) => decodeCheckpoint(saved.at(-1)!, 'a run')!.state;
    expect(end(resumed)).toEqual(end(whole));
  });
});
