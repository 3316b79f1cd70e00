import { featureSpecSchema } from './feature-spec';

const events = {
  shape: 'EVENTS',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['visit'],
  label: { event: 'purchase', withinMinutes: 60 },
  features: [],
  sequence: { maxLength: 8, fields: [{ type: 'elapsed', name: 'age' }] },
} as const;

const problems = (spec: unknown): string[] =>
  (featureSpecSchema.safeParse(spec).error?.issues ?? []).map((issue) => issue.path.join('.'));

test('what is left out is filled in', () => {
  const spec = featureSpecSchema.parse({
    shape: 'TABLE',
    label: { column: 'bought' },
    features: [{ type: 'numeric', name: 'pages' }],
  });
  expect(spec.features[0]).toMatchObject({ transform: 'identity', encoding: 'standard' });
  expect(spec.label).toMatchObject({ positive: expect.arrayContaining(['true', '1']) as string[] });
});

test.each([
  ['an unknown key', { ...events, colour: 'blue' }, ''],
  ['events without their subject', { ...events, subjectColumn: undefined }, 'subjectColumn'],
  ['a table with a history', { ...events, shape: 'TABLE', label: { column: 'x' } }, 'sequence'],
  [
    'a name used twice',
    {
      ...events,
      features: [
        { type: 'numeric', name: 'a' },
        { type: 'categorical', name: 'a' },
      ],
    },
    'features',
  ],
  [
    'a field whose name the artifact needs',
    { ...events, sequence: { maxLength: 8, fields: [{ type: 'numeric', name: 'length' }] } },
    'sequence.fields',
  ],
  [
    'bins that no encoding uses',
    { shape: 'TABLE', label: { column: 'x' }, features: [{ type: 'numeric', name: 'a', bins: 8 }] },
    'features.0.bins',
  ],
  [
    'cyclic features without a moment',
    {
      shape: 'TABLE',
      label: { column: 'x' },
      features: [{ type: 'cyclic', name: 'hour', part: 'hourOfDay' }],
    },
    'timeColumn',
  ],
])('refuses %s', (_, spec, path) => {
  expect(problems(spec)).toContain(path);
});
