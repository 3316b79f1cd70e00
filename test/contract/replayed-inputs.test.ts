import fc from 'fast-check';
import { discoverDomains } from '../../src/app/discover-domains';
import { type ArtifactTensor } from '../../src/learning/export/artifact-inputs';
import { type FeatureSpec, featureSpecSchema } from '../../src/learning/features/feature-spec';
import { type FeatureValue } from '../../src/learning/features/feature-value';
import { type HistoryEvent } from '../../src/learning/features/raw-from-records';
import { type TenantContext } from '../../src/platform/tenancy/request-context';
import { type PredictionRecord } from '../../src/services/prediction/complete-history';
import { type ScoredExample } from '../../src/services/prediction/log/recorded-prediction';
import { decodeSnapshot, encodeSnapshot } from '../../src/services/prediction/log/snapshot';
import { PredictionService } from '../../src/services/prediction/prediction.service';
import { questionOf } from '../../src/services/prediction/question';
import { type Servable } from '../../src/services/prediction/servable';
import { linearSpec } from '../support/linear-artifact';

const derivedSpec: FeatureSpec = featureSpecSchema.parse({
  shape: 'EVENTS',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['visit'],
  label: { event: 'purchase', withinMinutes: 60 },
  features: [
    { type: 'derived', name: 'events', aggregate: 'count', by: ['user'] },
    { type: 'derived', name: 'spent', aggregate: 'sum', column: 'price', by: ['user'] },
    { type: 'multi', name: 'tags' },
    { type: 'vector', name: 'place', dimension: 2 },
    { type: 'timestamp', name: 'born', parts: ['hourOfDay'] },
    { type: 'cyclic', name: 'hour', part: 'hourOfDay' },
  ],
  sequence: {
    maxLength: 3,
    fields: [
      { type: 'categorical', name: 'kind' },
      { type: 'numeric', name: 'price' },
      { type: 'elapsed', name: 'ago' },
    ],
  },
});

const SPECS: readonly (readonly [string, FeatureSpec])[] = [
  ['tables', linearSpec],
  ['derived and compound features', derivedSpec],
  ...discoverDomains().map(({ kind, featureSpec }) => [kind, featureSpec] as const),
];

const AT = Date.UTC(2025, 2, 1, 12);
const number = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.constantFrom(-0, 0),
);
const text = fc.oneof(
  fc.string({ maxLength: 5, unit: 'grapheme' }),
  fc.constantFrom('view', 'purchase', 'TRUE', '\ud800', ''),
);

/** Values that a feature or field of a type takes; null for those that no request gives. */
function valueOf(type: string): fc.Arbitrary<FeatureValue> | null {
  if (type === 'numeric') return fc.option(number);
  if (type === 'categorical') return fc.oneof(fc.option(text.filter((t) => !t.includes('\0'))), fc.boolean());
  if (type === 'multi') return fc.option(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }));
  if (type === 'vector')
    return fc.option(fc.tuple(fc.float({ noNaN: true, noDefaultInfinity: true }), number.map(Math.fround)));
  if (type === 'timestamp') return fc.constantFrom(null, '2020-01-02T03:04:05Z', new Date(AT - 1));
  return null;
}

function valuesOf(
  columns: readonly { readonly type: string; readonly name: string }[],
): fc.Arbitrary<Readonly<Record<string, FeatureValue>>> {
  const given = columns.flatMap(({ type, name }) => {
    const value = valueOf(type);
    return value ? [[name, value] as const] : [];
  });
  return fc.record(Object.fromEntries(given), { requiredKeys: [] });
}

function recordOf(spec: FeatureSpec): fc.Arbitrary<PredictionRecord> {
  const hasMoments = spec.shape === 'EVENTS';
  const event: fc.Arbitrary<HistoryEvent> = fc.record({
    ...(hasMoments ? { at: fc.integer({ min: 1, max: 9 }).map((ms) => new Date(AT - ms)) } : {}),
    values: valuesOf(spec.sequence?.fields ?? []),
  });
  return fc.record(
    {
      subjectId: fc.option(text),
      at: fc.constant(new Date(AT)),
      features: valuesOf(spec.features),
      ...(spec.sequence ? { history: fc.array(event, { maxLength: 40 }) } : {}),
    },
    { requiredKeys: ['features', 'at'] },
  );
}

/** Everything that the graph is given, with its bits. */
const bits = (inputs: Readonly<Record<string, ArtifactTensor>>): unknown =>
  Object.entries(inputs).map(([name, { dims, data }]) => [
    name,
    dims,
    data instanceof Float32Array ? [...new Uint32Array(data.slice().buffer)] : [...data].map(String),
  ]);

const ctx: TenantContext = { requestId: 'r', actor: { id: 'k', role: 'SERVICE', tenantId: 'tenant' } };

describe.each(SPECS)('a recorded prediction of %s', (_name, spec) => {
  it('gives the artifact the very inputs again that it was answered from', async () => {
    let seen: Readonly<Record<string, ArtifactTensor>> = {};
    let logged: ScoredExample | null = null;
    const servable: Servable = {
      version: { id: 'version', number: 1, createdAt: new Date(0) },
      artifact: { tenantId: 'tenant', sha256: 'artifact' },
      spec,
      threshold: 0.5,
    };
    const storedEvents = [4, 2, 7].map((ms, index) => ({
      at: new Date(AT - ms),
      values: { price: index - 0.1 },
    }));
    const service = new PredictionService({
      champions: { current: () => Promise.resolve(servable) },
      pool: {
        run: (_artifact, inputs) => {
          seen = inputs;
          return Promise.resolve({ probability: Float32Array.of(0.5), logit: Float32Array.of(0) });
        },
      },
      histories: {
        latest: () => Promise.resolve(spec === derivedSpec ? storedEvents : []),
        derived: () => Promise.resolve(spec === derivedSpec ? { events: 3, spent: -0 } : {}),
        keyed: () => Promise.resolve({}),
        dated: () => Promise.resolve({}),
      },
      log: {
        record: (_tenantId, scored) => {
          logged = scored;
          return Promise.resolve('id');
        },
      },
    });
    let scored = 0;
    await fc.assert(
      fc.asyncProperty(recordOf(spec), async (record) => {
        const [answer] = await service.predictEach(ctx, 'KIND', questionOf([record]));
        const item = answer?.item;
        if (!item || 'issues' in item) return;
        scored += 1;
        const answered = bits(seen);
        await item.recording.id();
        if (!logged) throw new Error('nothing was recorded');
        const { at, example, subjectId } = logged;
        const snapshot = { subjectId, record: { ...example.record, at }, history: example.history };
        const stored = decodeSnapshot(encodeSnapshot(snapshot, spec));
        await service.rescore(servable, stored.record);
        expect(bits(seen)).toEqual(answered);
        expect(stored.history).toEqual(item.history);
      }),
      { numRuns: 150 },
    );
    // What is refused is not recorded; most is not.
    expect(scored).toBeGreaterThan(50);
  });
});
