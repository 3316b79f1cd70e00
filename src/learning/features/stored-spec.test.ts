import { type FeatureSpec, featureSpecSchema } from './feature-spec';
import { currentSpec } from './stored-spec';

const SPEC = {
  shape: 'EVENTS',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  sessionColumn: 'visit',
  momentKinds: ['view'],
  label: { event: 'buy', within: 'session' },
  features: [{ type: 'numeric', name: 'price' }],
};
const read = (stored: object) => featureSpecSchema.parse(currentSpec(stored as FeatureSpec));

it.each([
  ['nothing former', {}, {}],
  [
    'the pause of a session in the label',
    { label: { ...SPEC.label, sessionGap: { minutes: 5, hours: 1 } } },
    { sessionGapMinutes: 65 },
  ],
  [
    'two pauses: derived features keep theirs',
    { label: { ...SPEC.label, sessionGap: { minutes: 5 } }, sessionGapMinutes: 30 },
    { sessionGapMinutes: 30 },
  ],
  [
    'the last moment that is taken',
    { cleaning: { until: '2025-01-01T00:00:00Z' } },
    { dataUntil: '2025-01-01T00:00:00.001Z' },
  ],
  [
    'two ends, of which the earlier one counts, beside other cleaning',
    { cleaning: { until: '2025-01-01T00:00:00Z', timeFormats: ['unix'] }, dataUntil: '2024-06-01' },
    { cleaning: { timeFormats: ['unix'] }, dataUntil: '2024-06-01' },
  ],
])('a stored specification is read with %s', (_, stored, now) => {
  expect(read({ ...SPEC, ...stored })).toEqual(featureSpecSchema.parse({ ...SPEC, ...now }));
});

it('what is written now is left as it is', () => {
  const spec = featureSpecSchema.parse(SPEC);
  expect(currentSpec(spec)).toBe(spec);
});
