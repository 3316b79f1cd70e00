import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CsvFiles } from '../../../test/support/csv-files';
import { featureSpecSchema } from '../features/feature-spec';
import { prepareExamples } from './prepare-examples';
import { profileCsv } from './profile/profile-csv';

/** A file system of its own, so small that it is full at once; null where it cannot be made: it needs root on Linux. */
function smallDisk(folder: string): string | null {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'none', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    return null;
  }
}

const ROWS = 150_000;
const SPEC = featureSpecSchema.parse({
  shape: 'EVENTS',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['view'],
  label: { event: 'buy', withinMinutes: 3000 },
  features: [
    { type: 'numeric', name: 'price' },
    { type: 'categorical', name: 'item' },
  ],
  sequence: { maxLength: 5, fields: [{ type: 'categorical', name: 'item' }] },
});

describe('where DuckDB has to spill', () => {
  let files: CsvFiles;
  let csvPath: string;
  let mounted: string;
  let disk: string | null;
  beforeAll(async () => {
    files = await CsvFiles.create();
    const lines = Array.from({ length: ROWS }, (_, i) => {
      const at = new Date(Date.UTC(2025, 0, 1) + ((i * 7919) % ROWS) * 60_000).toISOString();
      return `u${i % 977},${at},${i % 9 === 0 ? 'buy' : 'view'},${(i * 31) % 1000},item number ${(i * 7919) % 90_001}`;
    });
    csvPath = await files.write(['user,at,kind,price,item', ...lines].join('\n'));
    mounted = await mkdtemp(join(tmpdir(), 'propensity-small-disk-'));
    disk = smallDisk(mounted);
  });
  afterAll(async () => {
    if (disk !== null) execFileSync('umount', [disk]);
    await rm(mounted, { recursive: true, force: true });
    await files.remove();
  });

  /** In MB: enough with the disk, too little without. */
  const memory = { examples: 32, profile: 48 };
  const works = {
    examples: async (workDirectory: string) => {
      const memoryLimitMb = memory.examples;
      const prepared = await prepareExamples({ csvPath, spec: SPEC, workDirectory, seed: 1, memoryLimitMb });
      await prepared.close();
      return prepared.accounting.rows;
    },
    'a profile': async (workDirectory: string) =>
      (await profileCsv(csvPath, SPEC, { workDirectory, memoryLimitMb: memory.profile, threads: 1 }))
        .rowCount,
  };

  it.each(Object.entries(works))('%s are made with room on the disk', async (_, work) => {
    const workDirectory = join(files.folder, 'roomy');
    await mkdir(workDirectory, { recursive: true });
    expect(await work(workDirectory)).toBe(ROWS);
    expect(await readdir(workDirectory)).toEqual([]);
  });

  it.each(Object.entries(works))(
    '%s on a disk that is full end with what to do, and leave nothing',
    async (_, work) => {
      if (disk === null) {
        process.stdout.write('skipped: a small file system can only be made by root on Linux\n');
        return;
      }
      await expect(work(disk)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: 'The disk is full: free some space and try again.',
      });
      expect(await readdir(disk)).toEqual([]);
    },
  );
});
