import { CsvFiles } from '../../../../test/support/csv-files';
import { entityFileSpec } from '../../features/entities/entity-file';
import { type FeatureSpec, featureSpecSchema } from '../../features/feature-spec';
import { rawFromRecords } from '../../features/raw-from-records';
import { encode } from '../../features/encode';
import { applyEntitySteps } from '../cleaning/entity-steps';
import { inspectUpload } from '../mapping/inspect-upload';
import { prepareExamples } from '../prepare-examples';
import { profileCsv } from '../profile/profile-csv';

const SPEC = featureSpecSchema.parse({
  shape: 'TABLE',
  timeColumn: 'at',
  label: { column: 'y' },
  entities: [{ name: 'items', key: 'item', idColumn: 'sku', validFromColumn: 'since' }],
  features: [
    { type: 'numeric', name: 'price', column: 'items.price' },
    { type: 'categorical', name: 'colour', column: 'items.colour' },
    { type: 'multi', name: 'tags', column: 'items.tags' },
    // Of the rows themselves, by the same name as in the entity's file.
    { type: 'categorical', name: 'own', column: 'colour' },
  ],
});
const MAPPING = { price: 'cost' };
const ITEMS = Array.from({ length: 120 }, (_, i) => {
  const colour = ['red', 'Red', 'blue', 'unknown'][i % 4] ?? '';
  return `i${i},${i % 10 === 0 ? -1 : 5 + (i % 7)},${colour},${i % 3 === 0 ? 'none' : 'a|b'},15/0${1 + (i % 9)}/2023`;
});
const TWICE = ['i7,6,blue,a,15/01/2023', 'i7,7,red,b,15/01/2023'];

describe('an entity whose file is mended', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  const proposed = async (path: string, spec: FeatureSpec) => {
    const entity = spec.entities![0]!;
    const { cleaning, quarantinedCount } = await profileCsv(path, entityFileSpec(spec, entity), {
      ...{
        workDirectory: files.folder,
        isEntity: true,
        mapping: MAPPING,
        receivedAt: new Date('2022-01-01'),
      },
      keepsLast: entity.cleaning?.keepLast,
    });
    return { cleaning, quarantinedCount };
  };

  it('has proposals of its own, applied to what is read of it and to nothing else', async () => {
    const items = await files.write(['sku,cost,colour,tags,since', ...ITEMS, ...TWICE].join('\n'));
    const first = await proposed(items, SPEC);
    expect(
      first.cleaning.map(({ step, rowsAffected }) => [
        step.kind,
        'column' in step ? step.column : null,
        rowsAffected,
      ]),
    ).toEqual([
      ['TREAT_AS_MISSING', 'cost', 12],
      ['MERGE_SPELLINGS', 'colour', 30],
      ['TREAT_AS_MISSING', 'colour', 30],
      ['TREAT_AS_MISSING', 'tags', 40],
      ['READ_TIME_FORMAT', 'since', 122],
    ]);
    const steps = first.cleaning.map(({ step }) => step);
    const read = applyEntitySteps(SPEC, { name: 'items', mapping: MAPPING }, steps);
    expect(featureSpecSchema.parse(read)).toEqual(read);
    expect(read.features[3]).toEqual(SPEC.features[3]);
    expect(read.cleaning).toBeUndefined();
    expect(read).toMatchObject({
      entities: [{ cleaning: { timeFormats: ['%d/%m/%Y'] } }],
      features: [
        { cleaning: { missing: [-1] } },
        { cleaning: { missing: ['unknown'] } },
        { cleaning: { missing: ['none'] } },
        {},
      ],
    });
    // Only now it is seen that an id has rows that differ: i7's own is of another moment.
    const second = await proposed(items, read);
    expect(second).toMatchObject({
      quarantinedCount: 2,
      cleaning: [{ step: { kind: 'KEEP_LAST_OF_ID' }, rowsAffected: 2 }],
    });
    const spec = applyEntitySteps(read, { name: 'items', mapping: MAPPING }, [{ kind: 'KEEP_LAST_OF_ID' }]);
    expect(featureSpecSchema.parse(spec)).toEqual(spec);
    expect(await proposed(items, spec)).toEqual({ quarantinedCount: 0, cleaning: [] });

    for (const [keepsLast, count] of [
      [true, 0],
      [false, 2],
    ] as const) {
      const options = { workDirectory: files.folder, isEntity: true, keepsLast };
      const named = await files.write(['sku,price,colour,tags,since', ...ITEMS, ...TWICE].join('\n'));
      const inspected = await inspectUpload(named, entityFileSpec(spec, spec.entities![0]!), options);
      expect(inspected.quarantined.count).toBe(count);
    }

    const rows = Array.from(
      { length: 240 },
      (_, i) => `${i},i${i % 120},Red,${i % 2},2024-01-01T00:${String(i % 60).padStart(2, '0')}:00Z`,
    );
    const csvPath = await files.write(['n,item,colour,y,at', ...rows].join('\n'));
    const prepare = (given: FeatureSpec) =>
      prepareExamples({
        ...{ csvPath, spec: given, workDirectory: files.folder, seed: 1 },
        entities: [{ name: 'items', path: items, mapping: MAPPING }],
      });
    const prepared = await prepare(spec);
    expect(prepared.accounting.entities).toMatchObject([
      { rows: 122, quarantined: 0, duplicates: 1, used: 121, matched: 240 },
    ]);
    const all = Int32Array.from({ length: prepared.train.count }, (_, i) => i);
    const raw = await prepared.train.readRaw(all);
    const records = prepared.train.ids().map((line) => {
      const item = (Number(line) - 2) % 120;
      const [, cost, colour, tags] = (item === 7 ? ITEMS[7]! : ITEMS[item]!).split(',');
      return {
        at: new Date(`2024-01-01T00:${String((Number(line) - 2) % 60).padStart(2, '0')}:00Z`),
        features: { price: Number(cost), colour, tags, own: 'Red' },
      };
    });
    // A request for the same values is encoded alike.
    expect(rawFromRecords(spec, records)).toEqual(raw);
    expect(encode(prepared.featureMap, raw)).toEqual({
      ...(await prepared.train.read(all)),
      labels_N: undefined,
    });
    await prepared.close();
  });

  it('needs a moment to read it in formats', () => {
    const entities = [{ name: 'items', key: 'item', idColumn: 'sku', cleaning: { timeFormats: ['unix'] } }];
    expect(featureSpecSchema.safeParse({ ...SPEC, entities }).error?.issues).toMatchObject([
      { path: ['entities', '0', 'cleaning', 'timeFormats'] },
    ]);
  });
});
