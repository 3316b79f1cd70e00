import { createHash } from 'node:crypto';
import { readModel } from '../engine/onnx';
import { AppError } from '../errors';
import { type ModelConfigInput, modelConfigSchema } from './architectures/model-config';
import { isBeaten } from './baseline/baseline';
import { LoadedArtifact } from './export/artifact-predictions';
import { type TrainingEvent } from './training/training-event';
import { trainModel, type TrainModelOptions } from './train-model';
import { generatePrepared, orderTask } from './training/prepared-test-support';
import { MemoryCheckpoints } from './training/test-support';

const counts = { train: 2000, validation: 400, test: 400 };

function options(
  model: Partial<ModelConfigInput> = {},
  overrides: Partial<TrainModelOptions> = {},
): TrainModelOptions {
  return {
    prepared: generatePrepared(counts, orderTask),
    model: modelConfigSchema.parse({
      architecture: 'conv-recurrent',
      convolution: { filters: 8 },
      recurrent: { cell: 'LSTM', units: 8 },
      dense: [8],
      batchSize: 64,
      learningRate: 0.01,
      maxEpochs: 8,
      ...model,
    }),
    device: 'cpu',
    threads: 1,
    checkpoint: new MemoryCheckpoints(),
    signal: new AbortController().signal,
    onPhase: () => undefined,
    onProgress: () => undefined,
    ...overrides,
  };
}

describe('trainModel', () => {
  it('goes through its phases', async () => {
    const phases: string[] = [];
    const trained = await trainModel(options({}, { onPhase: (phase) => phases.push(phase) }));
    expect(trained.evaluation.rocAuc).toBeGreaterThan(0.98);
    expect(phases).toEqual(['TRAINING', 'EVALUATING', 'EXPORTING']);
    // What only order tells, the baseline cannot know.
    expect(trained.baseline).toMatchObject({ name: 'LOGISTIC_REGRESSION', examples: 2000 });
    expect(trained.baseline && isBeaten(trained.baseline)).toBe(true);
    expect(trained.baseline?.difference.test.second).toBeCloseTo(trained.evaluation.logLoss ?? NaN, 6);
  });

  it('tells what happens, in order', async () => {
    const told: TrainingEvent[] = [];
    const trained = await trainModel(options({ maxEpochs: 2 }, { onEvent: (event) => told.push(event) }));
    expect(told.map(({ kind }) => kind).filter((kind) => kind !== 'checkpoint-written')).toEqual([
      ...[
        'compiled',
        'epoch',
        'epoch',
        'fitted',
        'calibrated',
        'baseline-fitted',
        'exported',
        'judged',
        'gated',
      ],
    ]);
    const size = [...trained.network.weights.values()].reduce((sum, { data }) => sum + data.length, 0);
    expect(told[0]).toMatchObject({ device: 'cpu', weights: size, batchSize: expect.any(Number) as number });
    expect(told.flatMap((event) => (event.kind === 'epoch' ? event.record : []))).toEqual(trained.epochs);
    expect(told.at(-1)).toEqual({
      kind: 'gated',
      difference: trained.baseline!.difference.validation,
      isBeaten: isBeaten(trained.baseline!),
    });
  });

  it('sets no logistic regression beside itself', async () => {
    const model = modelConfigSchema.parse({ architecture: 'linear', maxEpochs: 1 });
    expect((await trainModel({ ...options(), model })).baseline).toBeNull();
  });

  it('certifies the artifact that it hands over', async () => {
    const prepared = generatePrepared(counts, ({ age, uniform }) => uniform < (age - 18) / 80);
    const trained = await trainModel(options({}, { prepared }));
    const { certificate, evaluation, predictions, artifact } = trained;
    expect(certificate).toMatchObject({
      artifactSha256: createHash('sha256').update(artifact).digest('hex'),
      comparedExamples: 800,
      tolerance: 1e-5,
      metrics: evaluation,
    });
    expect(certificate.maxProbabilityDifference).toBeLessThanOrEqual(1e-5);
    expect(evaluation).toMatchObject({ count: 400, threshold: trained.recommendedThreshold });

    const { explainer } = trained;
    expect(explainer.bytes).not.toBeNull();
    expect(explainer.certificate).toMatchObject({
      sha256: createHash('sha256')
        .update(explainer.bytes ?? '')
        .digest('hex'),
      comparedExamples: 128,
      tolerance: 0.02,
    });
    expect(explainer.certificate.maxError).toBeLessThanOrEqual(0.02);
    expect(explainer.certificate.maxProbabilityDifference).toBeLessThanOrEqual(1e-5);

    const test = predictions.filter(({ part }) => part === 'test');
    const reloaded = await LoadedArtifact.load(artifact, prepared.featureMap.spec, 1);
    const again = await reloaded.predict(prepared.test, new AbortController().signal);
    await reloaded.close();
    expect(test.map(({ probability }) => probability)).toEqual(Array.from(again));
    expect(test.map(({ label }) => label)).toEqual(Array.from(prepared.test.labels_N));
    expect(test[3]?.id).toBe('example 3');

    // What they can be sliced by is what the artifact was given, validation first.
    const raw = await prepared.test.readRaw(Int32Array.of(3));
    const ofThird = trained.heldOutFeatures.map(({ name, values }) => [name, values[403]]);
    expect(ofThird).toEqual([
      ...['age', 'hour', 'amount'].map((name) => [name, raw.numeric[name]?.[0]]),
      ['country', raw.categorical['country']?.[0]],
    ]);
  });

  it('answers with probabilities that are calibrated on data with noise', async () => {
    const prepared = generatePrepared(
      { train: 2000, validation: 2000, test: 2000 },
      ({ age, uniform }) => uniform < 1 / (1 + Math.exp((50 - age) / 6)),
    );
    const { evaluation } = await trainModel(options({ maxEpochs: 5 }, { prepared }));
    expect(evaluation.ece).toBeLessThan(0.05);
    expect(evaluation.normalizedEntropy).toBeLessThan(0.75);
  });

  it('writes what the artifact was made from into its metadata', async () => {
    const { artifact, certificate } = await trainModel(options({ maxEpochs: 1 }));
    const { metadata } = readModel(artifact);
    expect(JSON.parse(metadata['model'] ?? '')).toMatchObject({
      architecture: 'conv-recurrent',
      maxEpochs: 1,
    });
    expect(JSON.parse(metadata['featureMap'] ?? '')).toMatchObject({ version: 1 });
    expect(metadata['dataFingerprint']).toBe(certificate.dataFingerprint);
  });

  it('ends with the same bytes when it is stopped and taken up again', async () => {
    const model = { maxEpochs: 3, dropout: 0.3 };
    const whole = await trainModel(options(model));
    for (const stopAt of [1, 2]) {
      const checkpoint = new MemoryCheckpoints();
      const controller = new AbortController();
      let reports = 0;
      const onProgress = () => {
        if (++reports === stopAt) controller.abort(new AppError('CANCELLED', 'stopped'));
      };
      await expect(
        trainModel(options(model, { checkpoint, signal: controller.signal, onProgress })),
      ).rejects.toMatchObject({ code: 'CANCELLED' });
      expect(checkpoint.saved.length).toBeGreaterThan(0);
      const resumed = await trainModel(options(model, { checkpoint }));
      expect(Buffer.compare(resumed.artifact, whole.artifact)).toBe(0);
      expect(resumed.epochs.map((epoch) => epoch.validationLoss)).toEqual(
        whole.epochs.map((epoch) => epoch.validationLoss),
      );
    }
  });

  it('starts afresh when the data or the configuration changed', async () => {
    const checkpoint = new MemoryCheckpoints();
    await trainModel(options({ maxEpochs: 2 }, { checkpoint }));
    const other = {
      ...options({ maxEpochs: 2 }, { checkpoint }),
      prepared: generatePrepared(counts, orderTask, 2),
    };
    const fresh = await trainModel({ ...other, checkpoint: new MemoryCheckpoints() });
    expect(Buffer.compare((await trainModel(other)).artifact, fresh.artifact)).toBe(0);
  });

  it('refuses data without held-out examples', async () => {
    const prepared = generatePrepared({ train: 10, validation: 0, test: 5 }, orderTask);
    await expect(trainModel(options({}, { prepared }))).rejects.toMatchObject({ code: 'INVALID_DATA' });
  });

  it('refuses what cannot fit in memory with the batch size that would, which then trains', async () => {
    const wide = { dense: [1024, 512], batchSize: 2000, maxEpochs: 1, lengthBuckets: 1 };
    const within = (batchSize: number) =>
      trainModel(options({ ...wide, batchSize }, { memoryBytes: 330 * 2 ** 20 }));
    const refusal: unknown = await within(2000).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      code: 'INSUFFICIENT_MEMORY',
      message: expect.stringMatching(
        /^training with batches of 2000 needs up to \d+ MB, and there are 330 MB: a batch size of \d+ fits$/,
      ) as string,
    });
    const fitting = Number(/size of (\d+) fits/.exec((refusal as Error).message)?.[1]);
    expect((await within(fitting)).epochs).toHaveLength(1);
    await expect(within(2 * fitting)).rejects.toThrow(`a batch size of ${fitting} fits`);
  });

  it('trains on fewer examples than a batch, and on one class', async () => {
    const prepared = generatePrepared({ train: 7, validation: 3, test: 3 }, () => true);
    const { evaluation } = await trainModel(options({ maxEpochs: 2 }, { prepared }));
    expect(evaluation).toMatchObject({ count: 3, positives: 3, rocAuc: null });
  });

  it('names the step at which a learning rate far too high breaks the loss', async () => {
    const model = { learningRate: 1, schedule: { kind: 'constant' }, optimizer: { clipNorm: 1000 } } as const;
    const huge = generatePrepared(counts, orderTask);
    const read = huge.train.read.bind(huge.train);
    const broken: typeof huge = {
      ...huge,
      train: {
        ...huge.train,
        read: async (indices) => {
          const examples = await read(indices);
          return { ...examples, numeric_NF: examples.numeric_NF.map(() => 1e38) };
        },
      },
    };
    await expect(trainModel(options(model, { prepared: broken }))).rejects.toMatchObject({
      code: 'TRAINING_FAILED',
      message: expect.stringMatching(/step \d+/) as string,
    });
  });
});
