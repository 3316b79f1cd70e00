import { randomBytes, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FolderObjectStores } from '../../src/platform/artifacts/folder-object-store';
import { LocalCopies } from '../../src/platform/artifacts/local-copies';
import { IN_THE_CLEAR, objectCiphers, type ObjectCiphers } from '../../src/platform/artifacts/object-cipher';
import { median, significant } from '../statistics';
import { type OptionValues, type Suite, UsageError } from '../suite';

const MB = 1_000_000;

/** How long what is done with one object takes. */
interface Measured {
  /** A stream into the store. */
  readonly put: Time;
  /** All bytes into memory. */
  readonly get: Time;
  /** The first asking for a file that can be read: in the clear it is verified, encrypted it is decrypted beside and verified. */
  readonly localPath: Time;
}

interface Time {
  readonly seconds: number;
  /** Of all processors. */
  readonly cpuSeconds: number;
}

type Form = 'clear' | 'encrypted';

interface ObjectsResult {
  readonly bytes: number;
  readonly runs: number;
  readonly results: readonly {
    readonly operation: keyof Measured;
    readonly clear: Time;
    readonly encrypted: Time;
    /** Median over the runs of seconds encrypted by seconds in the clear, the two of one run after each other. */
    readonly ratio: number;
    /** The same of seconds of all processors, which depends less on what else the machine does. */
    readonly cpuRatio: number;
  }[];
}

/** What encryption takes of the speed of a folder of objects. */
export const suite: Suite<ObjectsResult> = {
  title: 'seconds of storing and reading an object in a folder, encrypted and in the clear, in turn',
  options: { megabytes: { type: 'string' }, runs: { type: 'string' } },
  help: {
    megabytes: 'size of the object, of 1,000,000 bytes each; 200 unless given',
    runs: 'of each of the two, in turn; 5 unless given',
  },
  async run(values, progress) {
    const bytes = Math.ceil(above0(values['megabytes'], 'megabytes', 200) * MB);
    const runs = Math.ceil(above0(values['runs'], 'runs', 5));
    const folder = await mkdtemp(path.join(tmpdir(), 'propensity-bench-'));
    try {
      const key = { id: randomUUID(), bytes: randomBytes(32) };
      const fixed = { sealing: () => Promise.resolve(key), opening: () => Promise.resolve(key) };
      const forms = { clear: IN_THE_CLEAR, encrypted: objectCiphers(fixed, { seals: true }) };
      const file = path.join(folder, 'content');
      await writeRandom(file, bytes);
      const measured: Record<Form, Measured[]> = { clear: [], encrypted: [] };
      for (let run = 1; run <= runs; run += 1) {
        progress(`run ${run} of ${runs}`);
        const order: readonly Form[] = run % 2 === 1 ? ['clear', 'encrypted'] : ['encrypted', 'clear'];
        for (const form of order) measured[form].push(await measure(file, forms[form], folder));
      }
      return {
        bytes,
        runs,
        results: (['put', 'get', 'localPath'] as const).map((name) => result(measured, name)),
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  table: ({ bytes, runs, results }) =>
    [
      `an object of ${bytes} bytes, ${runs} runs of each`,
      ...results.map(
        ({ operation, clear, encrypted, ratio, cpuRatio }) =>
          `${operation.padEnd(10)} clear ${clear.seconds} s, encrypted ${encrypted.seconds} s, ratio ${ratio}, of processor seconds ${cpuRatio}`,
      ),
    ].join('\n'),
};

async function measure(file: string, ciphers: ObjectCiphers, folder: string): Promise<Measured> {
  const place = await mkdtemp(path.join(folder, 'store-'));
  try {
    const copies = await LocalCopies.open({ folder: path.join(place, 'cache'), maxBytes: 2 ** 40 });
    const stores = await FolderObjectStores.open(path.join(place, 'objects'), {
      encryption: { ciphers, copies },
    });
    const store = stores.forTenant(randomUUID());
    let sha256 = '';
    const put = await timed(async () => {
      ({ sha256 } = await store.put(createReadStream(file)));
    });
    const get = await timed(() => store.get(sha256));
    const localPath = await timed(() => store.localPath(sha256));
    return { put, get, localPath };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

function result(
  { clear, encrypted }: Readonly<Record<Form, readonly Measured[]>>,
  operation: keyof Measured,
): ObjectsResult['results'][number] {
  const times = {
    clear: clear.map((each) => each[operation]),
    encrypted: encrypted.map((each) => each[operation]),
  };
  const timeOf = (all: readonly Time[]): Time => ({
    seconds: significant(median(all.map(({ seconds }) => seconds)), 3),
    cpuSeconds: significant(median(all.map(({ cpuSeconds }) => cpuSeconds)), 3),
  });
  const ratioOf = (what: keyof Time): number => {
    const ratios = times.encrypted.map((time, run) => time[what] / (times.clear[run]?.[what] ?? NaN));
    return significant(median(ratios), 3);
  };
  return {
    operation,
    clear: timeOf(times.clear),
    encrypted: timeOf(times.encrypted),
    ratio: ratioOf('seconds'),
    cpuRatio: ratioOf('cpuSeconds'),
  };
}

async function timed(work: () => Promise<unknown>): Promise<Time> {
  const start = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6 };
}

async function writeRandom(file: string, bytes: number): Promise<void> {
  const handle = await open(file, 'w');
  try {
    for (let left = bytes; left > 0; left -= MB) await handle.write(randomBytes(Math.min(left, MB)));
  } finally {
    await handle.close();
  }
}

function above0(value: OptionValues[string], name: string, otherwise: number): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (typeof value === 'string' && number > 0 && number <= 10_000) return number;
  throw new UsageError(`--${name} takes numbers above 0, not ${JSON.stringify(value)}`);
}
