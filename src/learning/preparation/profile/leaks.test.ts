import { CsvFiles } from '../../../../test/support/csv-files';
import { type FeatureSpecInput, featureSpecSchema } from '../../features/feature-spec';
import { type EntitySource } from '../entities/entity-tables';
import { type DatasetProfile } from './dataset-profile';
import { profileCsv } from './profile-csv';

/** A number in 0..1 that follows from another, as if by chance. */
const chance = (seed: number): number => {
  const x = Math.sin(seed * 12.9898 + 78.233) * 43758.5453;
  return x - Math.floor(x);
};
const DAY_MS = 86_400_000;
const DATES = ['2024-06-01', '2024-07-01'].map((date) => Date.parse(date));
const [FIRST = 0, SECOND = 0] = DATES;
const iso = (ms: number): string => new Date(ms).toISOString();

interface Person {
  readonly n: number;
  /** Whether they buy after each date: mostly the same again. */
  readonly buys: readonly boolean[];
}
interface Seen {
  readonly at: number;
  /** The next date, if there is one, and what is bought after it. */
  readonly buys: boolean | null;
}
type Cell = (person: Person, seen: Seen) => string | number;

const PEOPLE: Person[] = Array.from({ length: 160 }, (_, n) => {
  const first = chance(n) < 0.4;
  return { n, buys: [first, chance(n + 0.5) < 0.1 ? !first : first] };
});

const idOf = ({ n }: Person): string => String((n * 53) % 160).padStart(3, 'p00');

const HONEST: Record<string, Cell> = {
  price: ({ n }, { at }) => Math.round(1000 * chance(n + at / DAY_MS)),
  city: ({ n }) => `c${n % 7}`,
  // Of one person each, who mostly does the same again.
  name: ({ n }) => `person ${n}`,
  account: ({ n }) => 1000 + ((n * 37) % 160),
  joined: ({ n }) => iso(FIRST - (100 + n) * DAY_MS),
  // Known only afterwards, and there only afterwards.
  outcome: ({ n }, { buys, at }) => (at > SECOND ? (buys === null ? 'known' : '') : `o${n % 3}`),
  note: ({ n }) => (chance(n + 0.7) < 0.4 ? 'noted' : ''),
};

const SPEC: FeatureSpecInput = {
  shape: 'EVENTS',
  subjectColumn: 'person',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentDates: ['2024-06-01', '2024-07-01'],
  label: { event: 'buy', within: { days: 20 } },
  features: [{ type: 'numeric', name: 'price' }],
};

const EVENTS_SPEC: FeatureSpecInput = {
  ...SPEC,
  momentDates: undefined,
  momentKinds: ['visit'],
  label: { event: 'buy', within: { days: 36 } },
};

let files: CsvFiles;
beforeAll(async () => (files = await CsvFiles.create()));
afterAll(() => files.remove());

/** Visits before each date, and a purchase after it or none. */
async function leaksOf(
  planted: Record<string, Cell>,
  spec: FeatureSpecInput = SPEC,
  people: readonly Person[] = PEOPLE,
  entities: EntitySource[] = [],
): Promise<DatasetProfile['leaks']> {
  const cells = { ...HONEST, ...planted };
  const lines = people.flatMap((person) => {
    const rows = DATES.flatMap((date, index) => {
      const buys = person.buys[index] ?? false;
      const visits = Array.from({ length: 3 }, (_, k) => ({
        at: date - Math.ceil(20 * chance(person.n + k + index / 3)) * DAY_MS,
        kind: 'visit',
        buys,
      }));
      const bought = { at: date + (1 + (person.n % 15)) * DAY_MS, kind: 'buy', buys: null };
      return [...visits, ...(buys ? [bought] : [])];
    });
    return [...rows, { at: SECOND + 40 * DAY_MS, kind: 'end', buys: null }].map(
      ({ kind, ...seen }) =>
        `${idOf(person)},${iso(seen.at)},${kind},${Object.values(cells)
          .map((cell) => cell(person, seen))
          .join(',')}`,
    );
  });
  const order = lines.map((line, i) => ({ line, key: chance(i + 0.25) })).sort((a, b) => a.key - b.key);
  const path = await files.write(
    [`person,at,kind,${Object.keys(cells).join(',')}`, ...order.map(({ line }) => line)].join('\n'),
  );
  const options = { workDirectory: files.folder, threads: 1, entities };
  return (await profileCsv(path, featureSpecSchema.parse(spec), options)).leaks;
}

const found = async (planted: Record<string, Cell>, spec?: FeatureSpecInput) =>
  (await leaksOf(planted, spec)).map(({ kind, column }) => `${kind} ${column ?? ''}`);

describe.each<[string, FeatureSpecInput]>([
  ['that are dates', SPEC],
  ['that are one date', { ...SPEC, momentDates: ['2024-07-01'] }],
  ['that are events, with a label that later events decide', EVENTS_SPEC],
])('leaks at moments of prediction %s', (_, spec) => {
  it('are none in honest data, whose labels come again', async () => {
    expect(await leaksOf({}, spec)).toEqual([]);
  });

  it.each<[string, Cell]>([
    ['FEATURE_ORDERS_LABEL', ({ n }, { buys }) => (buys === true ? 50 : 0) + 45 * chance(n + 0.1)],
    ['FEATURE_ORDERS_LABEL', ({ n }, { buys }) => (buys === true ? `won ${n % 2}` : `lost ${n % 3}`)],
    ['PRESENCE_TELLS_LABEL', ({ n }, { buys }) => (buys === true ? `v${n % 5}` : '')],
    // When it was bought, written into the visits before.
    ['MOMENT_AFTER_PREDICTION', ({ n }, { at }) => iso(n % 9 === 0 ? at + 60 * DAY_MS : at - DAY_MS)],
  ])('are found: %s', async (kind, cell) => {
    expect(await found({ planted: cell }, spec)).toContain(`${kind} planted`);
  });
});

it('an id that was given by the label is known for one at dates', async () => {
  const one = { ...SPEC, momentDates: ['2024-07-01'] };
  const byLabel: Cell = ({ n, buys }) => (buys[1] === true ? 5000 : 0) + n;
  const leaks = await leaksOf({ member: byLabel }, one);
  expect(leaks).toMatchObject([{ kind: 'ID_ORDERS_LABEL', column: 'member', auc: 1, count: 160 }]);
  // Not where it is no number of the person's own.
  const shared: Cell = ({ n, buys }) => (buys[1] === true ? 5000 : 0) + (n % 50);
  expect(await found({ member: shared }, one)).toEqual(['FEATURE_ORDERS_LABEL member']);
});

it('a moment after a date is told with its line and the number of dates', async () => {
  const one = { ...SPEC, momentDates: ['2024-07-01'] };
  const leaks = await leaksOf(
    { ended: ({ n }) => (n < 30 ? iso(SECOND + DAY_MS) : n < 50 ? iso(FIRST) : '') },
    one,
  );
  expect(leaks).toMatchObject([{ kind: 'MOMENT_AFTER_PREDICTION', column: 'ended', count: 30 }]);
  expect(leaks[0]?.message).toMatch(
    /^ended is after the date, the moment of prediction, in 30 of 50 dates, first in line \d+/,
  );
});

/** Who buys once buys again. */
const STEADY = PEOPLE.map(({ n, buys: [buys = false] }): Person => ({ n, buys: [buys, buys] }));

describe.each<[string, FeatureSpecInput]>([
  ['dates', SPEC],
  ['events', EVENTS_SPEC],
])('leaks in the file of an entity, at moments of prediction that are %s', (_, moments) => {
  const spec: FeatureSpecInput = {
    ...moments,
    entities: [{ name: 'people', key: 'person', idColumn: 'id' }],
    features: [
      { type: 'numeric', name: 'age', column: 'people.age' },
      { type: 'categorical', name: 'nick', column: 'people.nick' },
      { type: 'timestamp', name: 'since', column: 'people.since' },
    ],
  };
  const honest = {
    age: ({ n }: Person) => 20 + Math.floor(50 * chance(n + 0.3)),
    nick: ({ n }: Person) => `nick ${n}`,
    since: ({ n }: Person) => iso(FIRST - (60 + n) * DAY_MS),
  };
  const leaksWith = async (
    planted: Partial<Record<keyof typeof honest, (person: Person) => string | number>>,
  ) => {
    const cells = { ...honest, ...planted };
    const lines = [...STEADY]
      .reverse()
      .map((person) => `${idOf(person)},${cells.age(person)},${cells.nick(person)},${cells.since(person)}`);
    const path = await files.write(['id,age,nick,since', ...lines].join('\n'));
    return leaksOf({}, spec, STEADY, [{ name: 'people', path }]);
  };

  it('are none where it is honest, though each has a name of their own', async () => {
    expect(await leaksWith({})).toEqual([]);
  });

  it.each<[string, string, Parameters<typeof leaksWith>[0]]>([
    ['FEATURE_ORDERS_LABEL', 'people.age', { age: ({ n, buys }) => (buys[0] === true ? 50 : 20) + (n % 25) }],
    [
      'FEATURE_ORDERS_LABEL',
      'people.nick',
      { nick: ({ n, buys }) => (buys[0] === true ? 'fan' : `no ${n % 3}`) },
    ],
    ['PRESENCE_TELLS_LABEL', 'people.nick', { nick: ({ n, buys }) => (buys[0] === true ? `n${n % 5}` : '') }],
    ['ID_ORDERS_LABEL', 'people.age', { age: ({ n, buys }) => (buys[0] === true ? 5000 : 0) + n }],
    [
      'MOMENT_AFTER_PREDICTION',
      'people.since',
      { since: ({ n }) => (n % 8 === 0 ? iso(SECOND + 10 * DAY_MS) : '') },
    ],
  ])('are found: %s of %s', async (kind, column, planted) => {
    expect(await leaksWith(planted)).toMatchObject([{ kind, column }]);
  });

  it('are not looked for without its file, nor with one that cannot be used', async () => {
    expect(await leaksOf({}, spec, STEADY)).toEqual([]);
    const path = await files.write('number,age\n1,2\n');
    expect(await leaksOf({}, spec, STEADY, [{ name: 'people', path }])).toEqual([]);
  });
});

it('leaks in the file of an entity are found in rows that are examples', async () => {
  const rows = Array.from({ length: 300 }, (_, i) => `${i % 30},${(i % 30) % 3 === 0 ? 1 : 0}`);
  const csv = await files.write(['shop,y', ...rows].join('\n'));
  const spec = featureSpecSchema.parse({
    shape: 'TABLE',
    label: { column: 'y' },
    entities: [{ name: 'shops', key: 'shop', idColumn: 'id' }],
    features: ['size', 'name', 'told'].map((name) => ({
      type: 'categorical',
      name,
      column: `shops.${name}`,
    })),
  });
  const shops = Array.from(
    { length: 30 },
    (_, id) => `${id},s${id % 4},shop ${id},${id % 3 === 0 ? 'yes' : 'no'}`,
  );
  const path = await files.write(['id,size,name,told', ...shops].join('\n'));
  const options = { workDirectory: files.folder, threads: 1, entities: [{ name: 'shops', path }] };
  const { leaks, columns } = await profileCsv(csv, spec, options);
  expect(leaks).toMatchObject([{ kind: 'FEATURE_ORDERS_LABEL', column: 'shops.told', auc: 1, count: 300 }]);
  expect(columns.map(({ name, role, givenCount }) => [name, role, givenCount])).toEqual([
    ['shop', 'FEATURE', 300],
    ['y', 'LABEL', 300],
    ['shops.size', 'FEATURE', 300],
    ['shops.name', 'FEATURE', 300],
    ['shops.told', 'FEATURE', 300],
  ]);
});
