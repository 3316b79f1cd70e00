import { featureSpecSchema } from '../features/feature-spec';
import { type RawExamples } from '../features/raw-examples';
import { generatePrepared } from '../training/prepared-test-support';
import { collectReference } from './collect-reference';
import { type DriftReference, driftReferenceSchema } from './drift-reference';
import { driftReport } from './drift-report';
import { LiveValues } from './live-values';

const prepared = generatePrepared(
  { train: 2_000, validation: 10, test: 1_000 },
  ({ uniform }) => uniform < 0.3,
);
const spec = featureSpecSchema.parse(prepared.featureMap.spec);
const probabilities_N = Float32Array.from({ length: 1_000 }, (_, n) => ((n * 7919) % 1_000) / 1_000);

let reference: DriftReference;
beforeAll(async () => {
  reference = await collectReference({
    spec,
    train: prepared.train,
    test: prepared.test,
    testProbabilities_N: probabilities_N,
    signal: new AbortController().signal,
  });
});

async function reportOf(change: (raw: RawExamples) => RawExamples = (raw) => raw) {
  const values = new LiveValues(spec, reference);
  for (let from = 0; from < 1_000; from += 250) {
    const rows = Int32Array.from({ length: 250 }, (_, n) => from + n);
    values.add(
      change(await prepared.test.readRaw(rows)),
      new Array<null>(250).fill(null),
      Array.from(probabilities_N.subarray(from, from + 250)),
    );
  }
  return driftReport(reference, { ...values.live(), label: { examples: 0, positives: 0, effective: 0 } });
}

describe('collectReference', () => {
  it('keeps every input but the moment, as JSON', () => {
    const names = reference.columns.map(({ part, name }) => `${part} ${name}`);
    const fields = spec.sequence?.fields.map(({ name }) => `FIELD ${name}`) ?? [];
    const features = spec.features
      .filter(({ type }) => type !== 'cyclic')
      .map(({ name }) => `FEATURE ${name}`);
    expect(names).toEqual([...features, 'LENGTH history', ...fields]);
    expect(driftReferenceSchema.parse(JSON.parse(JSON.stringify(reference)))).toEqual(reference);
    expect(reference.label.positives / reference.label.examples).toBeCloseTo(0.3, 1);
    expect(reference.columns[0]?.effective).toBeCloseTo(2_000, 6);
  });

  it('is not far from held-out examples of the same kind', async () => {
    const report = await reportOf();
    expect(report).toMatchObject({ state: 'STABLE', inputs: 'STABLE', score: { state: 'STABLE' } });
    expect(report.label.state).toBe('UNKNOWN');
    expect(report.columns.every(({ psi }) => psi !== null)).toBe(true);
  });

  it('finds the one that has changed', async () => {
    const report = await reportOf((raw) => ({
      ...raw,
      numeric: { ...raw.numeric, age: (raw.numeric['age'] ?? new Float32Array()).map((age) => age + 15) },
    }));
    expect(report.inputs).toBe('DRIFTED');
    expect(report.columns.filter(({ state }) => state !== 'STABLE').map(({ name }) => name)).toEqual(['age']);
  });

  it('finds histories that have become shorter', async () => {
    const report = await reportOf((raw) => ({
      ...raw,
      ...(raw.sequence && {
        sequence: { ...raw.sequence, lengths: raw.sequence.lengths.map((length) => Math.min(1, length)) },
      }),
    }));
    expect(report.columns.find(({ part }) => part === 'LENGTH')?.state).toBe('DRIFTED');
  });
});
