import { adam, binaryCrossEntropy, dense, embedding, recurrent, weightedMean } from '../nn';
import { reduceSum, relu, squeeze } from '../ops';
import { estimateForward, estimateTraining, requireMemory, totalBytes, withSharedTables } from './memory';
import { type TrainingRecipe } from './training-graph';

const recipeFor = (batch: number): TrainingRecipe<'x' | 'y'> => ({
  inputs: { x: { dtype: 'float32', shape: [batch, 100] }, y: { dtype: 'float32', shape: [batch] } },
  loss: (scope, { x, y }) => {
    const hidden = relu(dense(scope.in('hidden'), x, { units: 50 }));
    const logits = squeeze(dense(scope.in('logit'), hidden, { units: 1 }), [1]);
    return weightedMean(
      binaryCrossEntropy(logits, y),
      y.graph.constant({ dtype: 'float32', shape: [batch], data: new Float32Array(batch).fill(1) }),
    );
  },
  optimizer: adam(),
});

const parameters = 100 * 50 + 50 + 50 + 1;

test('state is parameters and two moments, beside constants for what decays', () => {
  const decaying = { ...recipeFor(8), weightDecay: 0.1 };
  expect(estimateTraining(decaying).stateBytes).toBe(3 * 4 * parameters);
  const constants = estimateTraining(decaying).constantBytes - estimateTraining(recipeFor(8)).constantBytes;
  expect(constants).toBe(4 * parameters);
});

test('a step adds its batch, labels and three scalars', () => {
  expect(estimateTraining(recipeFor(8)).bytesPerStep).toBe(4 * (8 * 100 + 8 + 3));
});

test('activations hold at least batch, hidden layer and its gradient, and grow with the batch', () => {
  const at = (batch: number): number => estimateTraining(recipeFor(batch)).activationBytes;
  expect(at(1000)).toBeGreaterThan(4 * 1000 * (100 + 50 + 50));
  expect(at(1000)).toBeLessThan(4 * 1000 * (100 + 50 + 50) * 2);
  expect(at(2000) - at(1000)).toBeCloseTo(at(3000) - at(2000), -2);
});

test('inference counts what a fused operator works in: the products of all steps with all inputs', () => {
  const [T, B, I, H] = [20, 50, 3, 16];
  const { activationBytes, bytesPerStep } = estimateForward(
    {
      inputs: { x: { dtype: 'float32', shape: [T, 'N', I] }, lengths: { dtype: 'int32', shape: ['N'] } },
      outputs: (scope, { x, lengths }) => ({
        last: recurrent(scope, x, lengths, { cell: 'lstm', units: H }).last,
      }),
    },
    B,
  );
  expect(bytesPerStep).toBe(4 * (T * B * I + B));
  const fused = 4 * T * B * (4 * H + H);
  expect(activationBytes).toBeGreaterThan(fused);
  expect(activationBytes).toBeLessThan(1.2 * fused);
});

describe('a table that is trained row by row', () => {
  const [IDS, WIDTH] = [100, 8];
  const estimate = (count: number) =>
    estimateTraining({
      inputs: { ids: { dtype: 'int32', shape: [IDS] } },
      loss: (scope, { ids }) => reduceSum(embedding(scope, ids, { count, width: WIDTH })),
      optimizer: adam(),
      averaging: 0.9,
    });
  // Parameters, two moments and their average, and the step that touched the row last.
  const inRow = 4 * WIDTH + 1;

  test('counts as a whole, with its weights and two marks for each row', () => {
    expect(estimate(1_000_000).tables).toEqual({
      rowBytes: 4 * 1_000_000 * inRow,
      weightBytes: 4 * 1_000_000 * WIDTH,
      markBytes: 4 * 1_000_000 * 2,
    });
  });

  test('counts once for programs that share it, but for the marks', () => {
    const marks = totalBytes(withSharedTables(estimate(1_000_000)), 1) - totalBytes(estimate(100_000), 1);
    const { rowBytes, weightBytes } = estimate(100_000).tables;
    expect(marks).toBe(4 * 900_000 * 2 - 3 * rowBytes - 2 * weightBytes);
  });

  test('counts in a call by the rows that it carries, and in a step by those that it touches', () => {
    const large = estimate(1_000_000);
    expect(large).toEqual({ ...estimate(100_000), tables: large.tables });
    expect(large.stateBytes).toBe(4 * (Math.ceil(2 ** 20 / inRow) + IDS) * inRow);
    // Ids twice, places and bounds of rows, what rows held before, and four scalars.
    expect(large.bytesPerStep).toBe(4 * (2 * IDS + IDS + 2 + IDS * inRow + 4));
    expect(estimate(1000).stateBytes).toBe(4 * 1000 * inRow);
    expect(estimate(1000).activationBytes).toBeLessThan(large.activationBytes);
  });

  test('is an input of a forward program that is not copied', () => {
    const forward = (count: number) =>
      estimateForward(
        {
          inputs: { ids: { dtype: 'int32', shape: ['N'] } },
          outputs: (scope, { ids }) => ({ rows: embedding(scope, ids, { count, width: WIDTH }) }),
        },
        IDS,
      );
    expect(forward(1_000_000)).toEqual(forward(1000));
    expect(forward(1000).bytesPerStep).toBe(4 * IDS);
  });
});

test('a run that does not fit is refused with the batch size that would', () => {
  const bytesAt = (batch: number): number => totalBytes(estimateTraining(recipeFor(batch)), 10);
  const limitBytes = bytesAt(256);
  const require = (run: { batch: number; limitBytes: number }) => (): void => {
    requireMemory(bytesAt, run);
  };
  expect(require({ batch: 256, limitBytes })).not.toThrow();
  expect(require({ batch: 1000, limitBytes })).toThrow(
    /^training with batches of 1000 needs up to \d+ MB, and there are \d+ MB: a batch size of 256 fits$/,
  );
  expect(require({ batch: 1000, limitBytes: 1000 })).toThrow('no batch size fits, the model is too large');
});
