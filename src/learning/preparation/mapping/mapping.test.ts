import fc from 'fast-check';
import { type AppError } from '../../../errors';
import { type FeatureSpecInput, featureSpecSchema } from '../../features/feature-spec';
import { type SeenColumn } from './content-fit';
import { mappedHeader } from './column-mapping';
import { likeness, wordsOf } from './name-words';
import { checkDecisions, confirmedMapping, resolveMapping } from './resolve-mapping';

const EVENTS: FeatureSpecInput = {
  shape: 'EVENTS',
  subjectColumn: 'user_id',
  timeColumn: 'event_time',
  kindColumn: 'event_type',
  momentKinds: ['view'],
  label: { event: 'purchase', withinMinutes: 60 },
  features: [{ type: 'numeric', name: 'price' }],
  sequence: { maxLength: 5, fields: [{ type: 'categorical', name: 'brand' }] },
};
const TABLE: FeatureSpecInput = {
  shape: 'TABLE',
  label: { column: 'bought' },
  features: [
    { type: 'numeric', name: 'age' },
    { type: 'categorical', name: 'city' },
  ],
};

const column = (
  name: string,
  type: SeenColumn['type'],
  values: string[] | null,
  distinct = 40,
): SeenColumn => ({
  name,
  type,
  given: 1000,
  distinct: values?.length ?? distinct,
  values,
  min: null,
  max: null,
});
const visitor = (name: string) => column(name, 'numeric', null, 200);
const moment = (name: string) => column(name, 'moment', null, 900);
const kind = (name: string) => column(name, 'categorical', ['cart', 'purchase', 'view']);
const amount = (name: string) => column(name, 'numeric', null, 700);
const maker = (name: string) => column(name, 'categorical', null, 60);

const resolve = (
  spec: FeatureSpecInput,
  seen: readonly SeenColumn[],
  decisions = [] as Parameters<typeof resolveMapping>[2],
) => resolveMapping(featureSpecSchema.parse(spec), seen, decisions);
const sources = (mapping: ReturnType<typeof resolve>) =>
  Object.fromEntries(mapping.columns.map(({ column: wanted, source }) => [wanted, source]));

describe('likeness of names', () => {
  it.each([
    ['UserID', 'user_id', 0.95],
    ['EVENT TIME', 'event-time', 0.95],
    ['cust_id', 'customer_id', 0.85],
    ['qty', 'quantity', 0.85],
    ['BounceRates', 'bounce_rate', 0.85],
    ['os', 'OperatingSystems', 0.85],
    ['user_id', 'visitor', 0.7],
    ['price', 'amount', 0.7],
    ['timestamp', 'event_time', 0],
  ])('of %s and %s is at least %d', (a, b, least) => {
    expect(likeness(wordsOf(a), wordsOf(b)).score).toBeGreaterThanOrEqual(least);
  });

  it('is symmetric, 1 for itself, and nothing for strangers', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const [one, other] = [likeness(wordsOf(a), wordsOf(b)), likeness(wordsOf(b), wordsOf(a))];
        expect(one.score).toBe(other.score);
        expect(likeness(wordsOf(a), wordsOf(a)).score).toBe(1);
      }),
    );
    expect(likeness(wordsOf('brand'), wordsOf('dwell')).score).toBe(0);
  });
});

describe('the mapping of a file', () => {
  it('is its own names where they are those of the spec, whatever they hold', () => {
    const seen = ['city', 'age', 'bought', 'note'].map((name): SeenColumn => ({ name, type: 'empty' }));
    const mapping = resolve(TABLE, seen);
    expect(mapping.isComplete).toBe(true);
    expect(sources(mapping)).toEqual({ bought: 'bought', age: 'age', city: 'city' });
    expect(mapping.columns.every(({ basis }) => basis === 'SAME_NAME')).toBe(true);
    expect(mapping.unread).toEqual(['note']);
  });

  it('is certain of another spelling, and of nothing else', () => {
    const mapping = resolve(TABLE, [
      column('Bought', 'numeric', ['0', '1']),
      column('AGE', 'numeric', null),
      column('town', 'categorical', null),
    ]);
    expect(mapping.isComplete).toBe(false);
    expect(mapping.columns.map(({ source, needsConfirmation }) => [source, needsConfirmation])).toEqual([
      ['Bought', false],
      ['AGE', false],
      [null, true],
    ]);
  });

  it('is not certain of another spelling whose values contradict it, nor of two', () => {
    const seen = [
      column('Bought', 'categorical', ['maybe']),
      column('Age', 'numeric', null),
      column('AGE', 'numeric', null),
      maker('city'),
    ];
    const { columns } = resolve(TABLE, seen);
    expect(columns[0]).toMatchObject({
      source: 'Bought',
      needsConfirmation: true,
      reason: expect.stringContaining('no positive label') as unknown,
    });
    expect(columns[1]).toMatchObject({
      source: 'Age',
      needsConfirmation: true,
      reason: expect.stringContaining('"AGE" is as likely') as unknown,
    });
  });

  it('is guessed from synonyms and contents, and waits for a person', () => {
    const mapping = resolve(EVENTS, [
      moment('ts'),
      visitor('visitor'),
      kind('action'),
      amount('unit_cost'),
      maker('manufacturer'),
    ]);
    expect(sources(mapping)).toEqual({
      user_id: 'visitor',
      event_time: 'ts',
      event_type: 'action',
      price: 'unit_cost',
      brand: 'manufacturer',
    });
    expect(
      mapping.columns.every(({ needsConfirmation, confidence }) => needsConfirmation && confidence < 0.9),
    ).toBe(true);
    expect(() => confirmedMapping(mapping)).toThrow(
      expect.objectContaining({
        code: 'MAPPING_UNCONFIRMED',
        issues: expect.arrayContaining([
          { path: 'user_id', message: expect.stringContaining('is perhaps "visitor"') as unknown },
        ]) as unknown,
      }) as AppError,
    );
  });

  it('of a file without a header is guessed from contents alone', () => {
    const mapping = resolve(EVENTS, [
      visitor('column1'),
      moment('column2'),
      kind('column3'),
      amount('column4'),
      maker('column5'),
    ]);
    expect(sources(mapping)).toMatchObject({ event_time: 'column2', event_type: 'column3' });
    expect(mapping.columns.find(({ column: wanted }) => wanted === 'price')).toMatchObject({
      source: null,
      basis: 'NONE',
    });
    expect(mapping.isComplete).toBe(false);
  });

  it('is what a person says, and what is left is guessed without it', () => {
    const seen = [
      moment('ts'),
      visitor('visitor'),
      visitor('user_id'),
      kind('event_type'),
      amount('price'),
      maker('brand'),
    ];
    const mapping = resolve(EVENTS, seen, [
      { column: 'user_id', source: 'visitor' },
      { column: 'event_time', source: 'ts' },
      { column: 'of an earlier spec', source: 'price' },
    ]);
    expect(mapping.isComplete).toBe(true);
    expect(confirmedMapping(mapping)).toMatchObject({ user_id: 'visitor', event_time: 'ts', price: 'price' });
    expect(mapping.unread).toEqual(['user_id']);
    // The file's own user_id is not taken for the spec's.
    const header = mappedHeader(
      seen.map(({ name }) => name),
      confirmedMapping(mapping),
    );
    expect(header.filter((name) => name === 'user_id')).toEqual(['user_id']);
    expect(header.indexOf('user_id')).toBe(1);
  });

  it('takes seconds since 1970 for moments, whatever they are called', () => {
    const numbers = (name: string, min: number, max: number) => ({ ...amount(name), min, max });
    const seen = [visitor('customer'), kind('what'), amount('price'), maker('brand')];
    const guess = (time: SeenColumn) =>
      resolve(EVENTS, [...seen, time]).columns.find(({ column: wanted }) => wanted === 'event_time');
    for (const time of [numbers('ts', 1.7e9, 1.8e9), numbers('when', 1.7e12, 1.8e12)])
      expect(guess(time)).toMatchObject({
        source: time.name,
        reason: expect.stringContaining('since 1970') as unknown,
      });
    expect(guess(numbers('ts', 0, 1e9))?.source).toBeNull();
  });

  it('takes no column twice, whatever the names are', () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 12 });
    const words = fc.uniqueArray(
      fc.constantFrom('user', 'User_ID', 'time', 'ts', 'price', 'cost', 'Price', 'brand', 'kind', 'event'),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(fc.oneof(names, words), (file) => {
        const mapping = resolve(
          EVENTS,
          file.map((name) => column(name, 'categorical', ['view', 'purchase'])),
        );
        const used = mapping.columns.flatMap(({ source }) => (source === null ? [] : [source]));
        expect(new Set(used).size).toBe(used.length);
        expect([...used, ...mapping.unread].sort()).toEqual([...file].sort());
      }),
    );
  });

  it('of thousands of columns on both sides is soon made', () => {
    const features = Array.from({ length: 2000 }, (_, i) => ({
      type: 'numeric' as const,
      name: `m${i}`,
      column: `M ${i}`,
    }));
    const seen = Array.from({ length: 4000 }, (_, i) => column(`m_${i}`, 'numeric', null));
    const mapping = resolve({ ...TABLE, features }, [...seen, column('bought', 'numeric', ['0', '1'])]);
    expect(mapping.isComplete).toBe(true);
    expect(sources(mapping)).toMatchObject({ 'M 0': 'm_0', 'M 1999': 'm_1999' });
  });
});

describe('what a person says', () => {
  const seen = [
    column('age', 'numeric', null),
    column('city', 'categorical', null),
    column('paid', 'numeric', ['0', '1']),
    column('bought', 'numeric', ['0', '1']),
  ];
  const check = (
    now: ReadonlyArray<{ column: string; source: string | null }>,
    before = [] as Parameters<typeof checkDecisions>[2]['before'],
  ) => checkDecisions(featureSpecSchema.parse(TABLE), seen, { before, now });
  const issues = (now: Parameters<typeof check>[0]) => {
    try {
      check(now);
    } catch (error) {
      return (error as AppError).issues;
    }
    throw new Error('it was accepted');
  };

  it('is added to what was said before, and taken back with null', () => {
    const before = [{ column: 'age', source: 'paid' }];
    expect(check([{ column: 'bought', source: 'bought' }], before)).toEqual([
      ...before,
      { column: 'bought', source: 'bought' },
    ]);
    expect(check([{ column: 'age', source: null }], before)).toEqual([]);
    expect(
      check(
        [
          { column: 'bought', source: 'paid' },
          { column: 'age', source: 'age' },
        ],
        before,
      ),
    ).toHaveLength(2);
  });

  it.each([
    [
      'an unknown column',
      [{ column: 'weight', source: 'age' }],
      'columns.0.column',
      'reads no column "weight"',
    ],
    [
      'a column that the file lacks',
      [{ column: 'age', source: 'years' }],
      'columns.0.source',
      'the file has no column "years"',
    ],
    [
      'a column twice',
      [
        { column: 'age', source: 'age' },
        { column: 'age', source: 'paid' },
      ],
      'columns.1.column',
      'is mapped twice',
    ],
    [
      'the label as a feature',
      [{ column: 'age', source: 'bought' }],
      'columns.0.source',
      'would know the answer',
    ],
    ['one source for two', [{ column: 'age', source: 'city' }], 'columns.0.source', '"city" is city already'],
  ])('is refused: %s', (_, now, path, message) => {
    expect(issues(now)).toContainEqual({ path, message: expect.stringContaining(message) as unknown });
  });
});
