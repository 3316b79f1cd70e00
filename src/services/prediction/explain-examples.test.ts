import { type ExplainerCertificate } from '../../learning/explanation/explanations';
import { featureSpecSchema } from '../../learning/features/feature-spec';
import { type ExampleRecord, rawFromRecords } from '../../learning/features/raw-from-records';
import { explainExamples } from './explain-examples';
import { type ArtifactInputs } from './pool/tensors';
import { type Servable } from './servable';

const spec = featureSpecSchema.parse({
  shape: 'EVENTS',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['view'],
  label: { event: 'buy', withinMinutes: 60 },
  features: [
    { type: 'multi', name: 'tags', maxValues: 3 },
    { type: 'numeric', name: 'price' },
    { type: 'categorical', name: 'device' },
  ],
  sequence: {
    maxLength: 2,
    fields: [
      { type: 'categorical', name: 'kind' },
      { type: 'elapsed', name: 'since' },
    ],
  },
});
const certificate: ExplainerCertificate = {
  sha256: 'explainer',
  steps: 16,
  baselineLogit: -1,
  baselineLength: 2,
  comparedExamples: 10,
  maxError: 0.01,
  tolerance: 0.02,
  maxProbabilityDifference: 0,
};
const servable: Servable = {
  version: { id: 'version', number: 3, createdAt: new Date(0) },
  artifact: { tenantId: 'tenant', sha256: 'artifact' },
  explainer: { key: { tenantId: 'tenant', sha256: 'explainer' }, certificate },
  spec,
  threshold: 0.5,
};
const at = new Date('2025-01-02T00:00:00Z');
const hoursBefore = (hours: number) => new Date(at.getTime() - hours * 3_600_000);
const records: ExampleRecord[] = [
  {
    at,
    features: { tags: ['b', 'a'], price: 0.1, device: null },
    // In no order; the model sees the latest two.
    history: [
      { at: hoursBefore(1), values: { kind: 'cart' } },
      { at: hoursBefore(3), values: { kind: 'visit' } },
      { at: hoursBefore(2), values: {} },
    ],
  },
  { at, features: {}, history: [] },
];
/** 3 is what they add up to, from −1; what misses is exact in single precision. */
const answers = {
  logit: Float32Array.of(2.015625, -1),
  baseline: Float32Array.of(-1, -1),
  features: Float32Array.of(1, -0.5, 0.25, 0, 0, 0),
  events: Float32Array.of(0.5, 0.25, 1, 0.25, 0, 0, 0, 0),
  length: Float32Array.of(0.25, 0),
};

function asked(run: jest.Mock, of: Servable = servable) {
  const raw = rawFromRecords(spec, records);
  return explainExamples({ run }, { servable: of, recordOf: (row) => records[row]!, read: () => raw });
}

describe('reasons of examples', () => {
  it('name what the model was told, and add up', async () => {
    const reasons = await asked(jest.fn().mockResolvedValue(answers))(0);
    expect(reasons).toEqual({
      logit: 2.015625,
      baselineLogit: -1,
      features: [
        { name: 'tags', value: 'b, a', spoken: 'b, a', contribution: 1 },
        { name: 'price', value: '0.1', spoken: '0.1', contribution: -0.5 },
        { name: 'device', value: null, spoken: null, contribution: 0.25 },
      ],
      events: [
        {
          index: 0,
          at: hoursBefore(2),
          ago: '2 hours ago',
          contribution: 0.75,
          fields: [
            { name: 'kind', value: null, spoken: null, contribution: 0.5 },
            { name: 'since', value: '7200', spoken: '2 hours', contribution: 0.25 },
          ],
        },
        {
          index: 1,
          at: hoursBefore(1),
          ago: '60 minutes ago',
          contribution: 1.25,
          fields: [
            { name: 'kind', value: 'cart', spoken: 'cart', contribution: 1 },
            { name: 'since', value: '3600', spoken: '60 minutes', contribution: 0.25 },
          ],
        },
      ],
      length: { events: 2, usual: 2, contribution: 0.25 },
      error: 0.015625,
    });
  });

  it('are those of the row, without events where there were none', async () => {
    expect(await asked(jest.fn().mockResolvedValue(answers))(1)).toMatchObject({
      logit: -1,
      events: [],
      length: { events: 0, usual: 2, contribution: 0 },
      error: 0,
    });
  });

  it('are computed when they are asked for, once for all', async () => {
    const run = jest.fn().mockResolvedValue(answers);
    const explain = asked(run);
    expect(run).not.toHaveBeenCalled();
    await Promise.all([explain(0), explain(1), explain(0)]);
    expect(run).toHaveBeenCalledTimes(1);
    expect(run).toHaveBeenCalledWith(servable.explainer?.key, expect.anything());
  });

  it('are not given where the version has no explainer, or one that is inexact: it says why', async () => {
    const run = jest.fn();
    expect(await asked(run, { ...servable, explainer: null })(0)).toEqual({
      why: 'TRAINED_BEFORE',
      message: 'Version 3 was trained before models could explain themselves: train the model again.',
    });
    const inexact = {
      key: { tenantId: 'tenant', sha256: 'explainer' },
      certificate: { ...certificate, maxError: 0.0456 },
    };
    expect(await asked(run, { ...servable, explainer: inexact })(0)).toMatchObject({
      why: 'INEXACT',
      message: expect.stringContaining('0.046 were missed where 0.02 are allowed') as string,
    });
    expect(run).not.toHaveBeenCalled();
  });

  it('are computed again in shorter steps where they do not add up, of that example alone', async () => {
    const refinable = {
      key: { tenantId: 'tenant', sha256: 'explainer' },
      certificate: { ...certificate, rule: 'MIDPOINT' as const },
    };
    const away = { ...answers, logit: Float32Array.of(2.25, -1) };
    // Both shifted rules err the other way: the three together err by (0.25 − 0.125 − 0.125) / 3.
    const again = {
      logit: Float32Array.of(2.25, 2.25),
      baseline: Float32Array.of(-1, -1),
      features: Float32Array.of(1.375, -0.5, 0.25, 1.375, -0.5, 0.25),
      events: Float32Array.of(0.5, 0.25, 1, 0.25, 0.5, 0.25, 1, 0.25),
      length: Float32Array.of(0.25, 0.25),
    };
    const run = jest.fn().mockResolvedValueOnce(away).mockResolvedValueOnce(again);
    const explain = asked(run, { ...servable, explainer: refinable });
    expect(await explain(0)).toMatchObject({
      logit: 2.25,
      features: [{ contribution: 1.25 }, { contribution: -0.5 }, { contribution: 0.25 }],
      error: 0,
    });
    expect(await explain(1)).toMatchObject({ logit: -1, error: 0 });
    const [first, second] = (run.mock.calls as [unknown, ArtifactInputs][]).map(([, inputs]) => inputs);
    expect(first?.['offset']?.data).toEqual(Float32Array.of(0.5, 0.5));
    expect(second?.['offset']?.data).toEqual(Float32Array.of(1 / 6, 5 / 6));
    expect(second?.['f_tags']?.data).toEqual(['b', 'a', '', 'b', 'a', '']);
    expect(second?.['s_length']?.data).toEqual(BigInt64Array.of(2n, 2n));
  });

  it('are not given of an example that they do not add up for, however short the steps', async () => {
    const refinable = {
      key: { tenantId: 'tenant', sha256: 'explainer' },
      certificate: { ...certificate, rule: 'MIDPOINT' as const },
    };
    const run = jest.fn((_key: unknown, { offset }: ArtifactInputs) => {
      const rows = offset?.data.length ?? 0;
      const all = (...row: number[]) => Float32Array.from(Array<number[]>(rows).fill(row).flat());
      return Promise.resolve({
        logit: all(2.5),
        baseline: all(-1),
        features: all(1, -0.5, 0.25),
        events: all(0.5, 0.25, 1, 0.25),
        length: all(0.25),
      });
    });
    expect(await asked(run as unknown as jest.Mock, { ...servable, explainer: refinable })(0)).toEqual({
      why: 'INEXACT',
      message:
        'What contributes to this answer does not add up to its logit: at 144 points of the path, 0.50 are missed where 0.02 are allowed. The probability stands.',
    });
    expect(run).toHaveBeenCalledTimes(3);
  });

  it('fail rather than say something that is no number', async () => {
    const broken = { ...answers, logit: Float32Array.of(NaN, 0) };
    await expect(asked(jest.fn().mockResolvedValue(broken))(0)).rejects.toThrow('with numbers');
  });
});
