import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { CsvFiles } from '../../../../test/support/csv-files';
import { entityFileSpec } from '../../features/entities/entity-file';
import { type FeatureSpecInput, featureSpecSchema } from '../../features/feature-spec';
import { inspectUpload } from '../mapping/inspect-upload';
import { prepareExamples, type PreparedExamples } from '../prepare-examples';
import { profileCsv } from '../profile/profile-csv';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2024, 1, 1);
const spec = (entity: object): FeatureSpecInput => ({
  shape: 'EVENTS',
  idColumn: 'id',
  subjectColumn: 'user',
  timeColumn: 'at',
  momentKinds: ['*'],
  label: { column: 'y' },
  entities: [{ name: 'items', key: 'item', idColumn: 'sku', ...entity }],
  features: [
    { type: 'numeric', name: 'price', column: 'items.price' },
    { type: 'categorical', name: 'brand', column: 'items.brand' },
    { type: 'multi', name: 'tags', column: 'items.tags', separator: '|', maxValues: 2 },
    { type: 'derived', name: 'ofBrand', aggregate: 'count', by: ['items.brand'] },
    { type: 'derived', name: 'dearest', aggregate: 'max', column: 'items.price' },
  ],
  sequence: { maxLength: 3, fields: [{ type: 'numeric', name: 'paid', column: 'items.price' }] },
});

interface Item {
  readonly sku: string;
  readonly from: number;
  readonly price: number;
  readonly brand: string;
}
interface Event {
  readonly user: string;
  readonly at: number;
  readonly item: string;
  readonly y: number;
}
const iso = (minutes: number) => new Date(START_MS + minutes * MINUTE_MS).toISOString();

describe('entities', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  async function prepare(
    events: readonly Event[],
    items: string | readonly Item[],
    given: FeatureSpecInput,
  ): Promise<PreparedExamples> {
    const rows = events.map(({ user, at, item, y }, i) => `${i},${user},${iso(at)},${item},${y}`);
    const csvPath = await files.write(`id,user,at,item,y\n${rows.join('\n')}\n`);
    const lines =
      typeof items === 'string'
        ? items
        : items
            .map(({ sku, from, price, brand }) => `${sku},${price},${brand},a|${brand},${iso(from)}`)
            .join('\n');
    const path = await files.write(`sku,price,brand,tags,from\n${lines}\n`);
    const entities = [{ name: 'items', path }];
    const options = { csvPath, workDirectory: files.folder, seed: 1, entities };
    return prepareExamples({ ...options, spec: featureSpecSchema.parse(given) });
  }

  async function rawById(prepared: PreparedExamples) {
    const found = new Map<
      number,
      { price: number; brand: string; tags: string[]; ofBrand: number; dearest: number; paid: number[] }
    >();
    for (const part of [prepared.train, prepared.validation, prepared.test]) {
      const raw = await part.readRaw(Int32Array.from({ length: part.count }, (_, i) => i));
      part.ids().forEach((id, i) => {
        const length = raw.sequence?.lengths[i] ?? 0;
        found.set(Number(id), {
          price: raw.numeric['price']?.[i] ?? NaN,
          brand: raw.categorical['brand']?.[i] ?? '',
          tags: (raw.categorical['tags'] ?? []).slice(i * 2, i * 2 + 2),
          ofBrand: raw.numeric['ofBrand']?.[i] ?? NaN,
          dearest: raw.numeric['dearest']?.[i] ?? NaN,
          paid: [...(raw.sequence?.numeric['paid'] ?? [])].slice(i * 3, i * 3 + length),
        });
      });
    }
    return found;
  }

  const anyEvents = fc
    .array(
      fc.record({
        user: fc.constantFrom('u', 'v'),
        at: fc.integer({ min: 0, max: 40 }),
        item: fc.constantFrom('A', 'B', 'C', 'D', ' A ', ''),
      }),
      { minLength: 40, maxLength: 60 },
    )
    .map((events) => [{ user: 'u', at: 39, item: 'A' }, ...events].map((e, i) => ({ ...e, y: i % 2 })));
  const anyItems = fc
    .uniqueArray(
      fc.record({
        sku: fc.constantFrom('A', 'B', 'C', 'E'),
        from: fc.integer({ min: 0, max: 40 }),
        price: fc.integer({ min: 1, max: 9 }),
        brand: fc.constantFrom('x', 'y'),
      }),
      { selector: ({ sku, from }) => `${sku} ${from}`, maxLength: 12 },
    )
    .map((items) => [{ sku: 'A', from: -1, price: 5, brand: 'x' }, ...items]);

  it.each(['static', 'as of the event'] as const)(
    'are joined as one looks them up one by one: %s',
    async (way) => {
      await fc.assert(
        fc.asyncProperty(anyEvents, anyItems, async (events, all) => {
          const isStatic = way === 'static';
          const items = isStatic
            ? all.filter(({ sku }, i) => all.findIndex((other) => other.sku === sku) === i)
            : all;
          const itemOf = ({ item, at }: Event): Item | undefined =>
            items
              .filter(({ sku, from }) => sku === item.trim() && (isStatic || from < at))
              .sort((a, b) => b.from - a.from)[0];
          const prepared = await prepare(events, items, spec(isStatic ? {} : { validFromColumn: 'from' }));
          const raw = await rawById(prepared);
          const { accounting } = prepared;
          expect(accounting.entities).toEqual([
            {
              name: 'items',
              rows: items.length,
              quarantined: 0,
              duplicates: 0,
              used: items.length,
              matched: events.filter((event) => itemOf(event)).length,
              unmatched: events.filter((event) => event.item.trim() !== '' && !itemOf(event)).length,
              withoutKey: events.filter(({ item }) => item.trim() === '').length,
            },
          ]);
          for (const [id, seen] of raw) {
            const event = events[id]!;
            const own = itemOf(event);
            const before = events.map((other, i) => ({ ...other, i })).filter((other) => other.at < event.at);
            const brand = (other: Event) => itemOf(other)?.brand;
            const ofUser = before
              .filter(({ user }) => user === event.user)
              .sort((a, b) => a.at - b.at || a.i - b.i);
            const prices = ofUser.flatMap((other) => itemOf(other)?.price ?? []);
            expect({ ...seen, paid: [] }).toEqual({
              price: own?.price ?? NaN,
              brand: own?.brand ?? '',
              tags: own ? ['a', own.brand] : ['', ''],
              ofBrand: own ? before.filter((other) => brand(other) === own.brand).length : NaN,
              dearest: prices.length > 0 ? Math.max(...prices) : NaN,
              paid: [],
            });
            expect(seen.paid).toEqual(ofUser.slice(-3).map((other) => itemOf(other)?.price ?? NaN));
          }
          await prepared.close();
        }),
        { numRuns: 8 },
      );
    },
  );

  const EVENTS = Array.from({ length: 40 }, (_, at) => ({
    user: `u${at % 3}`,
    at,
    item: 'ABCD'.charAt(at % 4),
    y: (at >> 1) % 2,
  }));
  const STATIC = spec({});

  it('collapses copies and sets aside ids with two answers, and what cannot be read', async () => {
    const lines = [
      `A,1,x,,${iso(0)}`,
      `B,2,x,,${iso(0)}`,
      `B,3,x,,${iso(0)}`,
      `A,1,x,,${iso(0)}`,
      `,3,x,,${iso(0)}`,
      `D,4,x,,${iso(0)}`,
      `C,dear,x,,${iso(0)}`,
      `E,5,x,,${iso(0)}`,
      `F,5,x,,${iso(0)}`,
    ];
    const items = lines.join('\n');
    const prepared = await prepare(EVENTS, items, STATIC);
    expect(prepared.accounting.entities).toEqual([
      expect.objectContaining({
        rows: 9,
        quarantined: 4,
        duplicates: 1,
        used: 4,
        matched: 20,
        unmatched: 20,
      }),
    ]);
    await prepared.close();
    const [entity] = featureSpecSchema.parse(STATIC).entities!;
    const path = await files.write(`sku,price,brand,tags,from\n${items}\n`);
    const quarantinePath = `${path}.quarantine`;
    const own = entityFileSpec(featureSpecSchema.parse(STATIC), entity!);
    const profile = await profileCsv(path, own, { isEntity: true, quarantinePath });
    expect(profile).toMatchObject({ rowCount: 9, quarantinedCount: 4, label: { count: 0 }, leaks: [] });
    expect(await readFile(quarantinePath, 'utf8')).toBe(
      [
        'line,reason,text',
        `3,"column sku: ""B"" is there more than once, with different values","B,2,x,,${iso(0)}"`,
        `4,"column sku: ""B"" is there more than once, with different values","B,3,x,,${iso(0)}"`,
        `6,"column sku: the id is missing",",3,x,,${iso(0)}"`,
        `8,"column price: ""dear"" is not a number within ±3.4e38","C,dear,x,,${iso(0)}"`,
        '',
      ].join('\n'),
    );
  });

  it('says what either side holds when nothing matches', async () => {
    const items = `tt01,1,x,,${iso(0)}\ntt02,1,x,,${iso(0)}`;
    await expect(prepare(EVENTS, items, STATIC)).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: 'No row finds its entity items: item holds "A", "B", "C", but items.sku holds "tt01", "tt02".',
      issues: [{ path: 'entities.items' }],
    });
    const later = spec({ validFromColumn: 'from' });
    await expect(prepare(EVENTS, `A,1,x,,${iso(36)}`, later)).rejects.toThrow(
      'no row of it is valid before the moment of a row that names it: from is later throughout',
    );
  });

  it('says which entity a file is wrong for, or missing', async () => {
    const given = featureSpecSchema.parse(STATIC);
    const csvPath = await files.write(`id,user,at,item,y\n1,u,${iso(0)},A,1\n`);
    const path = await files.write('sku,price\nA,1\n');
    const options = { csvPath, spec: given, workDirectory: files.folder, seed: 1 };
    await expect(prepareExamples(options)).rejects.toThrow('The entity items has no file.');
    await expect(prepareExamples({ ...options, entities: [{ name: 'items', path }] })).rejects.toThrow(
      'The entity items: The file lacks the columns brand, tags.',
    );
  });

  it('profiles and inspects the events without their entities', async () => {
    const rows = EVENTS.map(({ user, at, item, y }, i) => `${i},${user},${iso(at)},${item},${y}`);
    const path = await files.write(`id,user,at,item,y\n${rows.join('\n')}\n39,u,never,A,1\n`);
    const profile = await profileCsv(path, featureSpecSchema.parse(STATIC));
    expect(profile.columns.map(({ name }) => name)).toEqual(['id', 'user', 'at', 'item', 'y']);
    expect(profile).toMatchObject({ rowCount: 41, quarantinedCount: 1, label: { count: 40 } });
    const inspection = await inspectUpload(path, featureSpecSchema.parse(STATIC));
    expect(inspection.quarantined).toMatchObject({ count: 1, sample: [{ line: 42 }] });
  });

  it.each<[string, Partial<FeatureSpecInput>, string]>([
    [
      'a key of an entity',
      { entities: [{ name: 'items', key: 'items.x', idColumn: 'sku' }] },
      'entities.0.key',
    ],
    ['a label of an entity', { label: { column: 'items.y' } }, 'label.column'],
    ['the label as key', { entities: [{ name: 'items', key: 'y', idColumn: 'sku' }] }, 'entities.0.key'],
    [
      'an entity that nothing reads',
      {
        entities: [
          { name: 'items', key: 'item', idColumn: 'sku' },
          { name: 'ads', key: 'ad', idColumn: 'id' },
        ],
      },
      'entities.1.name',
    ],
  ])('refuses %s', (_, changes, path) => {
    const { success, error } = featureSpecSchema.safeParse({ ...STATIC, ...changes });
    expect(success).toBe(false);
    expect(error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
  });
});
