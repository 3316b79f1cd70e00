import { spawn as spawnChild } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import { linearArtifact } from '../../../../test/support/linear-artifact';
import { InferencePool, type PoolOptions } from './inference-pool';
import { type ArtifactInputs, type ArtifactKey } from './tensors';
import { threadEntry } from './thread-entry';

const TENANT = '0d3f8a44-6a3e-4d7b-9c55-0a1b2c3d4e5f';
/** Under this digest stands an artifact with the weight: logit = weight·x + code of the color. */
const weighing = (weight: number, tenantId = TENANT): ArtifactKey => ({
  tenantId,
  sha256: `weight ${weight}`,
});
const readWeighing = ({ sha256 }: ArtifactKey): Promise<Uint8Array> =>
  Promise.resolve(linearArtifact(Number(sha256.split(' ')[1])));

function inputsOf(xs: readonly number[], color: string | readonly string[] = ''): ArtifactInputs {
  return {
    f_x: { type: 'float32', dims: [xs.length, 1], data: Float32Array.from(xs) },
    f_color: {
      type: 'string',
      dims: [xs.length, 1],
      data: xs.map((_x, i) => (typeof color === 'string' ? color : (color[i] ?? ''))),
    },
  };
}

describe('InferencePool', () => {
  let pool: InferencePool;
  const open = (options: Partial<PoolOptions> = {}): InferencePool =>
    (pool = new InferencePool({ threads: 1, read: readWeighing, ...options }));
  const logits = async (key: ArtifactKey, inputs: ArtifactInputs): Promise<number[]> => {
    const { logit } = await pool.run(key, inputs);
    return [...(logit ?? [])];
  };

  afterEach(() => pool.close());

  it('answers what the artifact answers', async () => {
    open();
    const { logit, probability } = await pool.run(
      weighing(2),
      inputsOf([1, 2, 3], ['red', 'blue', 'ünknown']),
    );
    expect([...(logit ?? [])]).toEqual([3, 6, 6]);
    expect(probability?.[0]).toBeCloseTo(1 / (1 + Math.exp(-3)), 6);
  });

  it('runs requests of one turn as one batch and gives each its own rows', async () => {
    open();
    await logits(weighing(2), inputsOf([0]));
    const { batches } = pool.stats;
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => logits(weighing(2), inputsOf([i, -i], i % 2 ? 'red' : 'blue'))),
    );
    answers.forEach((answer, i) => {
      const code = i % 2 ? 1 : 2;
      expect(answer).toEqual([2 * i + code, -2 * i + code]);
    });
    expect(pool.stats.batches).toBe(batches + 1);
  });

  it('runs a large request in parts, side by side, and joins them in order', async () => {
    open({ threads: 2, maxBatchRows: 64 });
    const xs = Array.from({ length: 1_000 }, (_, i) => i);
    const answer = await logits(weighing(3), inputsOf(xs));
    expect(answer).toEqual(xs.map((x) => 3 * x));
    expect(pool.stats.batches).toBe(Math.ceil(1_000 / 64));
  });

  it('runs few rows of an artifact together where its rows take long', async () => {
    open({ maxBatchRows: 64 });
    const key = { ...weighing(3), maxBatchRows: 4 };
    await Promise.all([10, 2, 1].map((rows) => logits(key, inputsOf(Array<number>(rows).fill(1)))));
    // 4 + 4 + 2, and what fits beside the last of them.
    expect(pool.stats).toMatchObject({ rows: 13, batches: 4 });
  });

  it('keeps inputs of another form, and text that breaks the batch, away from their neighbours', async () => {
    open();
    const { f_color, ...withoutColor } = inputsOf([1]);
    expect(f_color).toBeDefined();
    const outcomes = await Promise.allSettled([
      logits(weighing(2), inputsOf([1])),
      logits(weighing(2), withoutColor),
      logits(weighing(2), inputsOf([2], 'a\0b')),
      logits(weighing(2), inputsOf([3])),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(outcomes[3]).toMatchObject({ value: [6] });
    expect(outcomes[1]).toMatchObject({ reason: { message: expect.stringContaining('f_color') as string } });
  });

  it('never shares a session between tenants', async () => {
    const read = jest.fn(readWeighing);
    open({ read });
    const keys = [weighing(1, 'tenant a'), weighing(1, 'tenant b')];
    await Promise.all(keys.map((key) => logits(key, inputsOf([1]))));
    expect(read.mock.calls.map(([key]) => key.tenantId).sort()).toEqual(['tenant a', 'tenant b']);
    expect(pool.stats.threads).toMatchObject([{ artifacts: 2 }]);
  });

  it('stays within its cache and answers for what had to leave all the same', async () => {
    const read = jest.fn(readWeighing);
    // Room for three small artifacts.
    open({ read, cacheBytes: 3.5 * 2 ** 18 });
    for (const round of [1, 2]) {
      for (let weight = 1; weight <= 8; weight++) {
        expect(await logits(weighing(weight), inputsOf([round]))).toEqual([weight * round]);
        expect(pool.stats.threads[0]?.artifacts).toBeLessThanOrEqual(3);
        expect(pool.stats.threads[0]?.bytes).toBeLessThanOrEqual(3.5 * 2 ** 18);
      }
    }
    expect(read).toHaveBeenCalledTimes(16);
    await logits(weighing(8), inputsOf([1]));
    expect(read).toHaveBeenCalledTimes(16);
  });

  it('reads an artifact once for all who wait for it', async () => {
    const read = jest.fn(readWeighing);
    open({ read, threads: 2 });
    await Promise.all(Array.from({ length: 10 }, () => logits(weighing(4), inputsOf([1]))));
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('passes on why an artifact cannot be read or loaded, and tries again the next time', async () => {
    let failure: 'absent' | 'corrupt' | null = 'absent';
    open({
      read: (key) => {
        if (failure === 'absent') return Promise.reject(new Error('no such object'));
        return failure === 'corrupt' ? Promise.resolve(new Uint8Array([1, 2, 3])) : readWeighing(key);
      },
    });
    await expect(logits(weighing(2), inputsOf([1]))).rejects.toThrow('no such object');
    failure = 'corrupt';
    await expect(logits(weighing(2), inputsOf([1]))).rejects.toThrow('does not load');
    failure = null;
    expect(await logits(weighing(2), inputsOf([1]))).toEqual([2]);
  });

  it('fails with UNAVAILABLE at the deadline, wherever the request then is', async () => {
    open({ read: () => new Promise(() => undefined), deadlineMs: 30 });
    await expect(logits(weighing(2), inputsOf([1]))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(pool.stats.queuedRows).toBe(0);
  });

  it('refuses what is more than may wait', async () => {
    open({ read: () => new Promise(() => undefined), deadlineMs: 100, maxQueuedRows: 3 });
    const waiting = logits(weighing(2), inputsOf([1, 2]));
    await expect(logits(weighing(2), inputsOf([1, 2]))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('Too many') as string,
    });
    await expect(waiting).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('loads an artifact where the one before it is held, before it is asked for', async () => {
    open({ threads: 2 });
    await logits(weighing(1), inputsOf([1]));
    await pool.warm(weighing(2), inputsOf([0]), weighing(1));
    expect(pool.stats.threads.map(({ artifacts }) => artifacts).sort()).toEqual([0, 2]);
    const { loads } = pool.stats;
    expect(await logits(weighing(2), inputsOf([1]))).toEqual([2]);
    expect(pool.stats.loads).toBe(loads);
  });

  it('refuses requests once it is closed', async () => {
    open();
    await pool.close();
    await expect(logits(weighing(2), inputsOf([1]))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('lets its process end at any moment with the status that the process wants', async () => {
    open();
    const built = path.resolve(path.dirname(threadEntry()), '../../../..');
    const script = `
      const { InferencePool } = require(${JSON.stringify(path.join(built, 'src/services/prediction/pool/inference-pool.js'))});
      const { linearArtifact } = require(${JSON.stringify(path.join(built, 'test/support/linear-artifact.js'))});
      const rows = 20_000;
      const inputs = {
        f_x: { type: 'float32', dims: [rows, 1], data: new Float32Array(rows) },
        f_color: { type: 'string', dims: [rows, 1], data: Array(rows).fill('red') },
      };
      const pool = new InferencePool({ threads: 2, maxBatchRows: rows, maxQueuedRows: 1e6, read: async () => linearArtifact(1) });
      const run = () => pool.run({ tenantId: 't', sha256: 'a' }, inputs).then(() => {
        if (pool.stats.batches >= 12) process.exit(7);
        return run();
      });
      for (let i = 0; i < 4; i++) run();`;
    const child = spawnChild(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'pipe'] });
    const stderr = text(child.stderr);
    const [code] = (await once(child, 'exit')) as [number | null];
    expect({ code, stderr: await stderr }).toEqual({ code: 7, stderr: '' });
  });

  describe('when a thread ends', () => {
    const workers: Worker[] = [];
    const spawn = (workerData: SharedArrayBuffer): Worker => {
      const worker = new Worker(threadEntry(), { execArgv: [], workerData });
      workers.push(worker);
      return worker;
    };
    /** What is sent after this is lost with the thread. */
    const crash = (worker: Worker | undefined): void => worker?.postMessage(null);

    beforeEach(() => {
      workers.length = 0;
    });

    it('starts another and runs what was lost once more', async () => {
      const onThreadLost = jest.fn();
      open({ spawn, onThreadLost });
      await logits(weighing(2), inputsOf([1]));
      crash(workers[0]);
      const answers = await Promise.all([1, 2, 3].map((x) => logits(weighing(2), inputsOf([x]))));
      expect(answers).toEqual([[2], [4], [6]]);
      expect(onThreadLost).toHaveBeenCalledTimes(1);
      expect(pool.stats).toMatchObject({ threadsLost: 1, threads: [{ artifacts: 1 }] });
    });

    it('fails with UNAVAILABLE what sees two threads end, and serves on', async () => {
      open({
        spawn: (workerData) => {
          const worker = spawn(workerData);
          if (workers.length <= 2) crash(worker);
          return worker;
        },
      });
      await expect(logits(weighing(2), inputsOf([1]))).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('interrupted') as string,
      });
      expect(await logits(weighing(2), inputsOf([1]))).toEqual([2]);
    });

    it('replaces a thread that no longer answers', async () => {
      open({
        stallMs: 100,
        spawn: (workerData) => {
          if (workers.length > 0) return spawn(workerData);
          const deaf = new Worker('setInterval(() => undefined, 1000)', { eval: true });
          workers.push(deaf);
          return deaf;
        },
      });
      expect(await logits(weighing(2), inputsOf([1]))).toEqual([2]);
      expect(pool.stats.threadsLost).toBe(1);
      await workers[0]?.terminate();
    });
  });
});
