import { CsvFiles } from '../../../../test/support/csv-files';
import { type FeatureSpecInput, featureSpecSchema } from '../../features/feature-spec';
import { prepareExamples } from '../prepare-examples';
import { type ColumnProfile, type DatasetProfile } from './dataset-profile';
import { profileCsv } from './profile-csv';

const SPEC: FeatureSpecInput = {
  shape: 'TABLE',
  label: { column: 'y' },
  features: [{ type: 'numeric', name: 'x' }],
};

/** A number in 0..1 that follows from another, as if by chance. */
const chance = (seed: number): number => {
  const x = Math.sin(seed * 12.9898 + 78.233) * 43758.5453;
  return x - Math.floor(x);
};
const day = (i: number): string => new Date(Date.UTC(2024, 0, 1 + i)).toISOString();

describe('profileCsv', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  async function profile(content: string, spec: FeatureSpecInput = SPEC): Promise<DatasetProfile> {
    const path = await files.write(content);
    return profileCsv(path, featureSpecSchema.parse(spec), { workDirectory: files.folder, threads: 1 });
  }

  /** A file of columns, each computed from the row's number; `y` is 1 with a chance of one third, and `x` is noise. */
  async function profileOf(
    columns: Record<string, (i: number, y: number) => string | number>,
    { count = 300, spec = SPEC }: { count?: number; spec?: FeatureSpecInput } = {},
  ): Promise<DatasetProfile & { column: (name: string) => ColumnProfile }> {
    const all: typeof columns = { x: (i) => chance(i + 0.5), ...columns };
    const rows = Array.from({ length: count }, (_, i) => {
      const y = chance(i) < 1 / 3 ? 1 : 0;
      return [...Object.values(all).map((cell) => cell(i, y)), y].join(',');
    });
    const result = await profile([[...Object.keys(all), 'y'].join(','), ...rows].join('\n'), spec);
    return { ...result, column: (name) => result.columns.find((column) => column.name === name)! };
  }

  it('finds nothing wrong with clean data', async () => {
    const { leaks, duplicates, label, drift, columns } = await profileOf({ colour: (i) => `c${i % 3}` });
    expect({ leaks, duplicates, drift }).toEqual({
      leaks: [],
      duplicates: { count: 0, examples: [] },
      drift: null,
    });
    expect(label.positives / label.count).toBeCloseTo(1 / 3, 1);
    expect(label.overTime).toBeNull();
    expect(columns.map(({ role, type }) => `${role} ${type}`)).toEqual([
      'FEATURE numeric',
      'UNUSED categorical',
      'LABEL numeric',
    ]);
    for (const { sentinels, invalid, drift: ofColumn } of columns)
      expect({ sentinels, invalid, drift: ofColumn }).toEqual({
        sentinels: [],
        invalid: { count: 0, examples: [] },
        drift: null,
      });
  });

  it('warns of a feature that tells the label, whether number, category or presence', async () => {
    const { leaks, column } = await profileOf({
      amount: (i, y) => (y === 1 ? 100 : 0) + chance(i + 0.25) * 90,
      refusal: (i, y) => (y === 1 ? `yes ${i % 4}` : `no ${i % 4}`),
      closed: (i, y) => (y === 1 ? i % 7 : ''),
      honest: (i, y) => y + chance(i + 0.75) * 3,
    });
    expect(leaks.map(({ kind, column: name }) => `${kind} ${name ?? ''}`)).toEqual([
      'FEATURE_ORDERS_LABEL amount',
      'FEATURE_ORDERS_LABEL refusal',
      'PRESENCE_TELLS_LABEL closed',
    ]);
    expect(column('amount').auc).toBe(1);
    expect(column('closed')).toMatchObject({ auc: null, presenceAuc: 1 });
    expect(column('honest').auc).toBeGreaterThan(0.6);
  });

  it('does not take unique texts for a leak, though each has one label', async () => {
    const { leaks, column } = await profileOf({ session: (i) => `s${i}` });
    expect(leaks).toEqual([]);
    expect(column('session').auc).toBeCloseTo(0.5, 10);
  });

  it('warns of an id, and of an order of the rows, that follows the label', async () => {
    let next = [0, 1000];
    const { leaks } = await profileOf({
      id: (_, y) => {
        const id = next[y]!;
        next = y === 0 ? [id + 1, next[1]!] : [next[0]!, id + 1];
        return id;
      },
    });
    expect(leaks).toMatchObject([{ kind: 'ID_ORDERS_LABEL', column: 'id', auc: 1, count: 300 }]);
    const sorted = await profile(
      ['x,y', ...Array.from({ length: 100 }, (_, i) => `${chance(i)},${i < 40 ? 0 : 1}`)].join('\n'),
    );
    expect(sorted.leaks).toMatchObject([
      { kind: 'ROW_ORDER_FOLLOWS_LABEL', column: null, auc: 1, count: 100 },
    ]);
  });

  it('warns of a moment after the moment of prediction, with its first line', async () => {
    const { leaks } = await profileOf(
      {
        at: day,
        paid: (i) => (i % 10 === 3 ? day(i + 1) : day(i - 1)),
        before: (i) => day(i - 2),
      },
      { spec: { ...SPEC, timeColumn: 'at' } },
    );
    expect(leaks).toMatchObject([{ kind: 'MOMENT_AFTER_PREDICTION', column: 'paid', auc: null, count: 30 }]);
    expect(leaks[0]!.message).toContain('in 30 of 300 rows, first in line 5');
  });

  it('says nothing about an AUC of too few rows of a class', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => `${i},${i < 9 ? 1 : 0}`);
    const { leaks, columns } = await profile(['x,y', ...rows].join('\n'));
    expect({ leaks, auc: columns[0]?.auc }).toEqual({ leaks: [], auc: null });
  });

  it('suspects codes that stand apart, and not what is a value like others', async () => {
    const { column } = await profileOf({
      seconds: (i) => (i % 20 === 0 ? -1 : i % 50),
      days: (i) => (i % 10 === 0 ? 999 : i % 28),
      balance: (i) => (i % 20 === 0 ? -1 : (i % 50) - 25),
      age: (i) => 20 + (i % 80),
      kind: (i) => (i % 30 === 0 ? 'Unknown' : `k${i % 4}`),
      born: (i) => (i % 60 === 0 ? '1900-01-01' : `1980-01-${10 + (i % 19)}`),
    });
    const found = (name: string) => column(name).sentinels.map(({ value, count }) => [value, count]);
    expect(found('seconds')).toEqual([['-1', 15]]);
    expect(found('days')).toEqual([['999', 30]]);
    expect(found('balance')).toEqual([]);
    expect(found('age')).toEqual([]);
    expect(found('kind')).toEqual([['Unknown', 10]]);
    expect(found('born')).toEqual([['1900-01-01', 5]]);
  });

  it('measures drift between the first and the last third of the time', async () => {
    const { drift, column } = await profileOf(
      {
        at: day,
        price: (i) => chance(i + 0.3) * 100 + (i < 200 ? 0 : 80),
        brand: (i) => (i < 200 ? `b${i % 3}` : 'new'),
        gone: (i) => (i < 200 ? chance(i + 0.2) : ''),
        steady: (i) => i % 5,
      },
      { spec: { ...SPEC, timeColumn: 'at' } },
    );
    expect(drift).toEqual({ firstUntil: day(99), lastFrom: day(200), firstCount: 100, lastCount: 100 });
    for (const name of ['price', 'brand', 'gone'])
      expect(column(name).drift).toMatchObject({ level: 'LARGE' });
    expect(column('steady').drift!.psi).toBeCloseTo(0, 2);
    expect(column('steady').drift).toMatchObject({ level: 'NONE' });
    expect(column('at').drift).toBeNull();
  });

  it('counts the label over time in calendar units', async () => {
    const lines = Array.from({ length: 240 }, (_, i) => `${day(i)},${i % 7},${i < 31 ? 1 : 0}`);
    const { label } = await profile(['at,x,y', ...lines].join('\n'), { ...SPEC, timeColumn: 'at' });
    expect(label).toMatchObject({ count: 240, positives: 31, censored: 0, overTime: { unit: 'WEEK' } });
    expect(label.overTime?.buckets.slice(0, 6).map(({ positives }) => positives)).toEqual([7, 7, 7, 7, 3, 0]);
    expect(label.overTime?.buckets[0]).toEqual({ from: day(0), count: 7, positives: 7 });
  });

  it('counts exact copies of rows, and shows the most frequent by line', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => `${i},${i % 2}`);
    const { duplicates } = await profile(['x,y', ...rows, rows[4], rows[4], rows[9]].join('\n'));
    expect(duplicates).toEqual({
      count: 3,
      examples: [
        { line: 6, copies: 2 },
        { line: 11, copies: 1 },
      ],
    });
  });

  it('shows every cell that the spec cannot read, also several of one row', async () => {
    const rows = Array.from({ length: 20 }, (_, i) => `${i},${i},${i % 2}`);
    const result = await profile(
      ['x,w,y', ...rows, 'old,none,1', 'n/a,1e39,0', 'two,three,1', 'a,b'].join('\n'),
      {
        ...SPEC,
        features: [
          { type: 'numeric', name: 'x' },
          { type: 'numeric', name: 'w' },
        ],
      },
    );
    expect(result).toMatchObject({ rowCount: 23, unreadableCount: 1, quarantinedCount: 4 });
    const [x, w] = result.columns;
    expect(x!.invalid.count).toBe(2);
    expect(x!.invalid.examples.map(({ line, value }) => [line, value])).toEqual([
      [22, 'old'],
      [24, 'two'],
    ]);
    expect(x!.invalid.examples[0]!.reason).toBe('column x: "old" is not a number within ±3.4e38');
    expect(w!.invalid.examples.map(({ line, value }) => [line, value])).toEqual([
      [23, '1e39'],
      [24, 'three'],
    ]);
    expect(x!.markers).toEqual([{ value: 'n/a', count: 1 }]);
  });

  it('describes mixed types, columns without a value, and columns of one value', async () => {
    const { column } = await profileOf(
      {
        mixed: (i) => (i % 2 === 0 ? i : `v${i}`),
        nearly: (i) => (i < 5 ? 'x' : i),
        missing: (i) => (i % 2 === 0 ? '' : 'NULL'),
        one: () => 7,
        flag: (i) => (i % 3 === 0 ? 'Yes' : 'no'),
      },
      { count: 100 },
    );
    expect(column('mixed')).toMatchObject({
      type: 'categorical',
      distinctCount: 100,
      readsAs: { numbers: 50, booleans: 0, moments: 0 },
      numbers: null,
    });
    expect(column('nearly')).toMatchObject({ type: 'numeric', numbers: { count: 95, min: 5, max: 99 } });
    expect(column('missing')).toMatchObject({
      type: 'empty',
      missingCount: 100,
      emptyCount: 50,
      markers: [{ value: 'NULL', count: 50 }],
      givenCount: 0,
      distinctCount: 0,
      auc: null,
      presenceAuc: null,
    });
    expect(column('one')).toMatchObject({
      distinctCount: 1,
      auc: 0.5,
      numbers: {
        mean: 7,
        standardDeviation: 0,
        outliers: null,
        histogram: { bins: [{ from: 7, to: 8, count: 100 }], below: 0, above: 0 },
      },
    });
    expect(column('flag')).toMatchObject({
      type: 'boolean',
      frequentValues: [
        { value: 'no', count: 66 },
        { value: 'Yes', count: 34 },
      ],
    });
  });

  it('labels moments by later events as preparation does', async () => {
    const kinds = ['view', 'view', 'purchase'];
    const lines = Array.from({ length: 400 }, (_, i) => {
      const at = new Date(Date.UTC(2024, 0, 1) + Math.floor(chance(i) * 5000) * 60_000).toISOString();
      return `u${Math.floor(chance(i + 0.1) * 20)},${at},${kinds[Math.floor(chance(i + 0.2) * 3)]},${i}`;
    });
    const spec: FeatureSpecInput = {
      shape: 'EVENTS',
      subjectColumn: 'user',
      timeColumn: 'at',
      kindColumn: 'kind',
      momentKinds: ['view'],
      label: { event: 'purchase', withinMinutes: 600 },
      features: [{ type: 'numeric', name: 'n' }],
      split: { by: 'stratified' },
    };
    const content = ['user,at,kind,n', ...lines].join('\n');
    const { label, columns } = await profile(content, spec);
    const prepared = await prepareExamples({
      csvPath: await files.write(content),
      spec: featureSpecSchema.parse(spec),
      workDirectory: files.folder,
      seed: 0,
    });
    const parts = [prepared.train, prepared.validation, prepared.test];
    const positives = parts.reduce((sum, { labels_N }) => sum + labels_N.reduce((a, b) => a + b, 0), 0);
    const { examples, censored } = prepared.accounting;
    expect(label).toMatchObject({ count: examples, positives, censored });
    expect(positives).toBeGreaterThan(20);
    expect(censored).toBeGreaterThan(5);
    expect(columns.map(({ role }) => role)).toEqual(['SUBJECT', 'TIME', 'KIND', 'FEATURE']);
  });

  it('profiles 300 columns', async () => {
    const wide = Object.fromEntries(
      Array.from({ length: 298 }, (_, c) => [`w${c}`, (i: number) => (i * (c + 3)) % 17]),
    );
    const features = Object.keys(wide).map((name) => ({ type: 'numeric' as const, name }));
    const { columns, leaks } = await profileOf(wide, { count: 60, spec: { ...SPEC, features } });
    expect(columns).toHaveLength(300);
    expect(columns.every(({ givenCount }) => givenCount === 60)).toBe(true);
    expect(leaks).toEqual([]);
  });

  it('answers what is no table, or not this one, with a typed error', async () => {
    await expect(profile('')).rejects.toMatchObject({ code: 'INVALID_DATA' });
    await expect(profile('x,y\n')).rejects.toMatchObject({ code: 'INVALID_DATA' });
    await expect(profile('a,y\n1,1')).rejects.toMatchObject({
      code: 'INVALID_DATA',
      issues: [{ path: 'x', message: 'is not in the header' }],
    });
  });

  it('profiles labels of one class, which training would refuse', async () => {
    const { label, leaks } = await profile('x,y\n1,0\n2,0');
    expect({ label, leaks }).toMatchObject({ label: { count: 2, positives: 0 }, leaks: [] });
  });

  it('ends when it is told to', async () => {
    const path = await files.write('x,y\n1,0\n2,1');
    const signal = AbortSignal.abort(new Error('enough'));
    const profiled = profileCsv(path, featureSpecSchema.parse(SPEC), {
      workDirectory: files.folder,
      signal,
    });
    await expect(profiled).rejects.toThrow('enough');
  });
});
