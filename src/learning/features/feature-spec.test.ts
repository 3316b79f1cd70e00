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

/** A table with a history of two steps. */
const row = (field: object) => ({
  shape: 'TABLE',
  label: { column: 'x' },
  features: [],
  sequence: { maxLength: 2, fields: [field] },
});

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

test('a row may hold a history in columns', () => {
  expect(problems(row({ type: 'categorical', name: 'a', columns: ['a1', 'a2'] }))).toEqual([]);
});

test.each([
  ['an unknown key', { ...events, colour: 'blue' }, ''],
  ['events without their subject', { ...events, subjectColumn: undefined }, 'subjectColumn'],
  ['elapsed time in a row', row({ type: 'elapsed', name: 'a' }), 'sequence.fields.0.type'],
  ['a row with a field of one column', row({ type: 'numeric', name: 'a' }), 'sequence.fields.0.columns'],
  [
    'a row with fewer columns than steps',
    row({ type: 'numeric', name: 'a', columns: ['a1'] }),
    'sequence.fields.0.columns',
  ],
  [
    'a row with column beside columns',
    row({ type: 'numeric', name: 'a', column: 'a', columns: ['a1', 'a2'] }),
    'sequence.fields.0.column',
  ],
  [
    'events with a column for each step',
    { ...events, sequence: { maxLength: 1, fields: [{ type: 'numeric', name: 'a', columns: ['a1'] }] } },
    'sequence.fields.0.columns',
  ],
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

test.each([
  ['a split by time without one', { by: 'time' }, 'split.by'],
  ['a split by entity that names none', { by: 'entity' }, 'split.column'],
  ['a column that is not split by', { by: 'stratified', column: 'x' }, 'split.column'],
  ['folds without the one that is tested', { folds: 3 }, 'split.fold'],
  ['a fold beyond the last', { folds: 3, fold: 3 }, 'split.fold'],
  ['a share of the test beside folds', { folds: 3, fold: 0, shares: { test: 0.2 } }, 'split.shares.test'],
  ['shares that leave nothing', { shares: { validation: 0.5, test: 0.5 } }, 'split.shares'],
  ['an embargo without time', { by: 'stratified', embargo: { days: 1 } }, 'split.embargo'],
  ['an embargo of nothing', { embargo: {} }, 'split.embargo'],
])('refuses %s', (_, split, path) => {
  const table = { shape: 'TABLE', label: { column: 'y' }, features: [{ type: 'numeric', name: 'a' }] };
  expect(problems({ ...table, split })).toContain(path);
});

test.each([
  ['a timestamp without the moment of prediction', { type: 'timestamp', name: 'a' }, 'timeColumn'],
  ['a vector without a dimension', { type: 'vector', name: 'a' }, 'features.0.dimension'],
  [
    'a part that is named twice',
    { type: 'timestamp', name: 'a', parts: ['dayOfWeek', 'dayOfWeek'] },
    'features.0.parts',
  ],
  ['a set of nothing', { type: 'multi', name: 'a', maxValues: 0 }, 'features.0.maxValues'],
  ['an option of another kind', { type: 'text', name: 'a', separator: '|' }, 'features.0'],
])('%s is refused', (_, feature, path) => {
  expect(problems({ shape: 'TABLE', label: { column: 'x' }, features: [feature] })).toContain(path);
});

test.each([
  ['multi', {}],
  ['text', {}],
  ['vector', { dimension: 2 }],
  ['timestamp', {}],
])('a %s field needs events', (type, options) => {
  const field = { type, name: 'a', ...options };
  expect(problems(row(field))).toContain('sequence.fields.0.type');
  const sequence = { maxLength: 8, fields: [field] };
  expect(problems({ ...events, sequence })).toEqual([]);
});

test('a field of events has only so many values in a history', () => {
  const sequence = { maxLength: 512, fields: [{ type: 'text', name: 'a', maxTokens: 33 }] };
  expect(problems({ ...events, sequence })).toEqual(['sequence.fields.0']);
});

test.each([
  ['two kinds of moments', { momentDates: ['2024-01-01'] }, 'momentDates'],
  ['a date that is none', { momentKinds: undefined, momentDates: ['2024-13-01'] }, 'momentDates.0'],
  ['a date outside of the years 1900 to 2200', { dataUntil: '1899-12-31' }, 'dataUntil'],
  ['sessions that have no column', { label: { event: 'purchase', within: 'session' } }, 'sessionColumn'],
  [
    'a kind without its column',
    { kindColumn: undefined, momentKinds: ['*'], label: { event: 'purchase', withinMinutes: 5 } },
    'kindColumn',
  ],
  [
    'a date whose label is a column',
    { momentKinds: undefined, momentDates: ['2024-01-01'], label: { column: 'x' } },
    'label',
  ],
  [
    'a date whose label is of a session',
    {
      ...{ momentKinds: undefined, momentDates: ['2024-01-01'], sessionColumn: 's' },
      label: { event: '*', within: 'session' },
    },
    'label.within',
  ],
  [
    'more dates than anybody means',
    {
      momentKinds: undefined,
      momentDates: { from: '2000-01-01', until: '2024-01-01', every: { days: 1 } },
    },
    'momentDates.every',
  ],
])('refuses %s', (_, changed, path) => {
  expect(problems({ ...events, ...changed })).toContain(path);
});

test('every kind of event needs no column of kinds', () => {
  const spec = {
    ...events,
    kindColumn: undefined,
    momentKinds: ['*'],
    label: { noEvent: '*', withinMinutes: 5 },
  };
  expect(problems(spec)).toEqual([]);
});
