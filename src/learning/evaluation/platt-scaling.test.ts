import { logLoss } from './calibration-metrics';
import { calibrate, fitPlattScaling, IDENTITY_CALIBRATION } from './platt-scaling';

/** Labels drawn from sigmoid(logit), deterministic. */
function drawn(count: number) {
  const logits = new Float32Array(count);
  const labels = new Float32Array(count);
  let state = 1;
  const uniform = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  for (let i = 0; i < count; i++) {
    logits[i] = (uniform() - 0.7) * 6;
    labels[i] = uniform() < 1 / (1 + Math.exp(-logits[i]!)) ? 1 : 0;
  }
  return { logits, labels };
}

describe('Platt scaling', () => {
  it('undoes a known distortion of the logits', () => {
    const { logits, labels } = drawn(20_000);
    const distorted = logits.map((logit) => 2.5 * logit + 1);
    const calibration = fitPlattScaling(labels, distorted);
    expect(calibration.scale).toBeCloseTo(1 / 2.5, 1);
    expect(calibration.shift).toBeCloseTo(-1 / 2.5, 1);
    const before = logLoss(labels, calibrate(distorted, IDENTITY_CALIBRATION));
    expect(logLoss(labels, calibrate(distorted, calibration))).toBeLessThan(before);
  });

  it('never raises the log loss on the examples it was fitted on', () => {
    for (const count of [2, 3, 5, 20, 200]) {
      const { logits, labels } = drawn(count);
      labels[0] = 1;
      labels[1] = 0;
      const loss = logLoss(labels, calibrate(logits, fitPlattScaling(labels, logits)));
      expect(loss).toBeLessThanOrEqual(logLoss(labels, calibrate(logits, IDENTITY_CALIBRATION)) + 1e-9);
    }
  });

  it('stays finite on separable, constant, enormous and one-class logits', () => {
    const cases: [number[], number[]][] = [
      [
        [0, 0, 1, 1],
        [-1, -2, 1, 2],
      ],
      [
        [0, 1, 1],
        [3, 3, 3],
      ],
      [
        [0, 1, 0],
        [-4000, 5000, -3000],
      ],
      [
        [0, 0],
        [1, 2],
      ],
    ];
    for (const [labels, logits] of cases) {
      const { scale, shift } = fitPlattScaling(Float32Array.from(labels), Float32Array.from(logits));
      expect(Number.isFinite(scale) && Number.isFinite(shift) && scale > 0).toBe(true);
    }
  });

  it('keeps the ranking when the logits are the wrong way round', () => {
    const { logits, labels } = drawn(500);
    expect(
      fitPlattScaling(
        labels,
        logits.map((logit) => -logit),
      ),
    ).toEqual(IDENTITY_CALIBRATION);
  });
});
