import { CsvFiles } from '../../../../test/support/csv-files';
import { featureSpecSchema } from '../../features/feature-spec';
import { prepareExamples } from '../prepare-examples';

const FOLDS = 4;
const BRANDS = 12;
const ROWS = 240;

let files: CsvFiles;
beforeAll(async () => (files = await CsvFiles.create()));
afterAll(() => files.remove());

it('rows with steps are tested once in folds by what an entity says, with its values beside them', async () => {
  const rows = Array.from(
    { length: ROWS },
    (_, i) => `r${i},s${i % 36},${i % 5 === 0 ? 1 : 0},${i},${i + 1},${i + 2}`,
  );
  const csvPath = await files.write(['id,item,y,m1,m2,m3', ...rows].join('\n'));
  const items = Array.from({ length: 36 }, (_, n) => `s${n},b${n % BRANDS},${n / 4}`);
  const path = await files.write(['sku,brand,price', ...items].join('\n'));
  const tested = new Map<string, number>();
  for (let fold = 0; fold < FOLDS; fold++) {
    const prepared = await prepareExamples({
      csvPath,
      entities: [{ name: 'items', path }],
      workDirectory: files.folder,
      seed: 3,
      spec: featureSpecSchema.parse({
        shape: 'TABLE',
        idColumn: 'id',
        label: { column: 'y' },
        entities: [{ name: 'items', key: 'item', idColumn: 'sku' }],
        features: [
          { type: 'categorical', name: 'brand', column: 'items.brand' },
          { type: 'numeric', name: 'price', column: 'items.price' },
        ],
        sequence: { maxLength: 3, fields: [{ type: 'numeric', name: 'month', columns: ['m1', 'm2', 'm3'] }] },
        split: { by: 'entity', column: 'items.brand', folds: FOLDS, fold, shares: { validation: 0.2 } },
      }),
    });
    const brands: Set<string>[] = [];
    for (const part of [prepared.train, prepared.validation, prepared.test]) {
      const { numeric, categorical, sequence } = await part.readRaw(
        Int32Array.from({ length: part.count }, (_, i) => i),
      );
      part.ids().forEach((id, i) => {
        const row = Number(id.slice(1));
        expect(categorical['brand']?.[i]).toBe(`b${row % BRANDS}`);
        expect(numeric['price']?.[i]).toBe((row % 36) / 4);
        expect([...(sequence?.numeric['month'] ?? [])].slice(3 * i, 3 * i + 3)).toEqual([
          row,
          row + 1,
          row + 2,
        ]);
      });
      brands.push(new Set(categorical['brand']));
    }
    const [train, validation, test] = brands;
    expect([...train!].filter((brand) => validation!.has(brand) || test!.has(brand))).toEqual([]);
    expect([...validation!].filter((brand) => test!.has(brand))).toEqual([]);
    for (const id of prepared.test.ids()) tested.set(id, (tested.get(id) ?? 0) + 1);
    await prepared.close();
  }
  expect(tested.size).toBe(ROWS);
  expect([...tested.values()].every((times) => times === 1)).toBe(true);
});
