import fs from 'node:fs';
import { readdir } from 'node:fs/promises';
import { CsvFiles } from '../../../test/support/csv-files';
import { type FeatureSpecInput, featureSpecSchema } from '../features/feature-spec';
import { dataFingerprint } from '../training/data-fingerprint';
import { seededRandom, shuffle } from '../training/random';
import { prepareExamples, type PreparedExamples } from './prepare-examples';

/** Several times what stays in memory at least: a block of 256 KiB for each of examples and events. */
const EVENTS = 30_000;
const MINUTE_MS = 60_000;

const EVENT_SPEC: FeatureSpecInput = {
  shape: 'EVENTS',
  idColumn: 'id',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['view'],
  label: { event: 'buy', withinMinutes: 60 },
  features: [
    { type: 'numeric', name: 'price' },
    { type: 'cyclic', name: 'hour', part: 'hourOfDay' },
  ],
  sequence: {
    maxLength: 12,
    fields: [
      { type: 'categorical', name: 'kind' },
      { type: 'numeric', name: 'price' },
      { type: 'elapsed', name: 'ago' },
    ],
  },
};

const TABLE_SPEC: FeatureSpecInput = {
  shape: 'TABLE',
  idColumn: 'id',
  label: { column: 'bought' },
  features: [
    { type: 'numeric', name: 'price' },
    { type: 'categorical', name: 'kind' },
  ],
  sequence: {
    maxLength: 3,
    fields: [{ type: 'numeric', name: 'before', columns: ['price', 'earlier', 'user'] }],
  },
};

function csv(): string {
  const random = seededRandom(1);
  const lines = ['id,user,at,kind,price,earlier,bought'];
  for (let event = 0; event < EVENTS; event++) {
    const at = new Date(Date.UTC(2025, 0, 1) + event * MINUTE_MS).toISOString();
    const kind = random() < 0.1 ? 'buy' : random() < 0.7 ? 'view' : 'cart';
    const price = random() < 0.1 ? '' : (random() * 100).toFixed(2);
    const earlier = random() < 0.5 ? '' : event;
    lines.push(
      `e${event},${Math.floor(random() * 300)},${at},${kind},${price},${earlier},${event % 3 === 0 ? 1 : 0}`,
    );
  }
  return lines.join('\n');
}

describe('examples that do not fit in memory', () => {
  let files: CsvFiles;
  let csvPath: string;
  beforeAll(async () => {
    files = await CsvFiles.create();
    csvPath = await files.write(csv());
  });
  afterAll(() => files.remove());

  const prepare = (spec: FeatureSpecInput, rowMemoryMb?: number) =>
    prepareExamples({
      csvPath,
      spec: featureSpecSchema.parse(spec),
      workDirectory: files.folder,
      seed: 1,
      rowMemoryMb,
    });

  const partsOf = ({ train, validation, test }: PreparedExamples) => [train, validation, test];

  test.each([
    ['events', EVENT_SPEC],
    ['rows with a history in columns', TABLE_SPEC],
  ])('are the same as those that do: %s', async (_, spec) => {
    const inMemory = await prepare(spec);
    const outOfCore = await prepare(spec, 0);
    expect(outOfCore.accounting).toEqual(inMemory.accounting);
    expect(await dataFingerprint(outOfCore.featureMap, partsOf(outOfCore))).toBe(
      await dataFingerprint(inMemory.featureMap, partsOf(inMemory)),
    );
    for (const [index, part] of partsOf(outOfCore).entries()) {
      const expected = partsOf(inMemory)[index]!;
      expect(part.ids()).toEqual(expected.ids());
      expect(part.labels_N).toEqual(expected.labels_N);
      const all = Int32Array.from({ length: part.count }, (_, example) => example);
      const some = shuffle(all, seededRandom(index)).subarray(0, 500);
      expect(await part.read(some)).toEqual(await expected.read(some));
      expect(await part.readRaw(some)).toEqual(await expected.readRaw(some));
    }
    await inMemory.close();
    await outOfCore.close();
  });

  test('leave nothing in the work folder while they are there, nor when preparation fails', async () => {
    const before = await readdir(files.folder);
    const prepared = await prepare(EVENT_SPEC, 0);
    expect(await readdir(files.folder)).toEqual(before);
    await prepared.close();
    const oneClass = { ...TABLE_SPEC, label: { column: 'bought', positive: ['0', '1'] } };
    await expect(prepare(oneClass, 0)).rejects.toMatchObject({ code: 'INVALID_DATA' });
    expect(await readdir(files.folder)).toEqual(before);
  });

  test('say so when the disk is full, and leave nothing', async () => {
    const before = await readdir(files.folder);
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const write = jest.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw full;
    });
    try {
      await expect(prepare(EVENT_SPEC, 0)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('disk is full') as unknown,
      });
    } finally {
      write.mockRestore();
    }
    expect(await readdir(files.folder)).toEqual(before);
  });
});
