import { learningRateFactor } from './learning-rate';

const moment = (step: number, validationLosses: number[] = []) => ({
  step,
  totalSteps: 100,
  validationLosses,
});

describe('learningRateFactor', () => {
  it('stays constant', () => {
    expect(learningRateFactor({ kind: 'constant' }, moment(99))).toBe(1);
  });

  it('falls by a factor every so many epochs', () => {
    const schedule = { kind: 'step', factor: 0.1, everyEpochs: 2 } as const;
    const factors = [0, 1, 2, 3, 4].map((epochs) =>
      learningRateFactor(schedule, moment(99, Array<number>(epochs).fill(1))),
    );
    expect(factors.map((factor) => Number(factor.toPrecision(12)))).toEqual([1, 1, 0.1, 0.1, 0.01]);
  });

  it('warms up linearly, peaks, and falls to the floor as half a cosine', () => {
    const schedule = { kind: 'cosine', warmup: 0.1, floor: 0.2 } as const;
    const factors = Array.from({ length: 101 }, (_, step) => learningRateFactor(schedule, moment(step)));
    expect(factors[0]).toBeCloseTo(1 / 11, 12);
    expect(factors[10]).toBe(1);
    expect(factors[55]).toBeCloseTo(0.6, 12);
    expect(factors[100]).toBeCloseTo(0.2, 12);
    for (let step = 11; step <= 100; step++) expect(factors[step]).toBeLessThan(factors[step - 1]!);
  });

  it('falls when the validation loss waits longer than the patience, never below the floor', () => {
    const schedule = { kind: 'plateau', factor: 0.5, patience: 1, floor: 0.2 } as const;
    const after = (...losses: number[]) => learningRateFactor(schedule, moment(0, losses));
    expect(after()).toBe(1);
    expect(after(1, 0.9, 0.95)).toBe(1);
    expect(after(1, 0.9, 0.95, 0.91)).toBe(0.5);
    expect(after(1, 0.9, 0.95, 0.91, 0.8, 0.85)).toBe(0.5);
    expect(after(1, 2, 2, 2, 2, 2, 2, 2, 2)).toBe(0.2);
  });
});
