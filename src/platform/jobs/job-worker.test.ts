import { type Processor } from 'bullmq';
import pino from 'pino';
import { type JobBackend, type QueueHandle, type WorkerHandle } from './job-backend';
import { JobQueue } from './job-queue';
import { JobWorker } from './job-worker';

const payload = {
  tenantId: '6f1f7d3e-3c0a-4c1e-9a53-0d5a4f6f0b11',
  runId: '0e5b5b43-6c56-4d0b-8d5e-f4f9f0a1c2d3',
  attempt: 1,
  actorId: '5a1c9b4e-8f0d-4f7a-9d38-7c1f2f8e9a10',
  requestId: 'req-1',
};

/** A backend in memory that can be out of reach, and that tells what was asked of it. */
class FakeBackend implements JobBackend {
  readonly kind = 'postgres';
  reachable = true;
  readonly events: string[] = [];
  queues = 0;
  processor: Processor = () => Promise.resolve();
  fail: (error: Error) => void = () => undefined;

  queue(): QueueHandle {
    this.queues += 1;
    const answer = async (): Promise<number> => {
      if (!this.reachable) throw new Error('ECONNREFUSED');
      return Promise.resolve(0);
    };
    return {
      add: answer,
      count: answer,
      on: () => undefined,
      waitUntilReady: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
  }

  worker(_name: string, processor: Processor): WorkerHandle {
    this.processor = processor;
    return {
      on: (_event, listener) => (this.fail = listener),
      pause: () => Promise.resolve(void this.events.push('pause')),
      resume: () => Promise.resolve(void this.events.push('resume')),
      waitUntilReady: () => Promise.resolve(),
      close: () => Promise.resolve(void this.events.push('close')),
    };
  }
}

function recordingLogger(lines: string[]): pino.Logger {
  return pino({ base: null, timestamp: false }, { write: (line) => void lines.push(line) });
}

async function started(backend: FakeBackend, lines: string[] = []) {
  const handled: unknown[] = [];
  const worker = await JobWorker.start({
    backend,
    name: 'training',
    logger: recordingLogger(lines),
    handler: (job) => Promise.resolve(void handled.push(job)),
  });
  return { worker, handled };
}

async function turnsUntil(satisfied: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !satisfied();) {
    if (Date.now() > deadline) throw new Error('it did not happen');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('JobWorker', () => {
  it('pauses at the first failure, resumes when the queue answers, and logs each once', async () => {
    const backend = new FakeBackend();
    const lines: string[] = [];
    const { worker } = await started(backend, lines);
    backend.reachable = false;
    for (let failure = 0; failure < 1000; failure += 1) backend.fail(new Error('terminating connection'));
    expect(backend.events).toEqual(['pause']);
    backend.reachable = true;
    await turnsUntil(() => backend.events.includes('resume'));
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'the training queue is out of reach',
      'the training queue is back',
    ]);
    await worker.close();
  });

  it('goes on when only a lock was lost', async () => {
    const backend = new FakeBackend();
    const { worker } = await started(backend);
    backend.fail(new Error('could not renew lock for job run-1'));
    expect(backend.events).toEqual([]);
    await worker.close();
  });

  it('can be closed while the queue is out of reach', async () => {
    const backend = new FakeBackend();
    const { worker } = await started(backend);
    backend.reachable = false;
    backend.fail(new Error('terminating connection'));
    await worker.close();
    expect(backend.events).toEqual(['pause', 'close']);
  });

  it('does not start without its queue', async () => {
    const backend = new FakeBackend();
    backend.reachable = false;
    await expect(started(backend)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('hands parsed payloads to its handler and drops unreadable ones', async () => {
    const backend = new FakeBackend();
    const { worker, handled } = await started(backend);
    await backend.processor({ id: 'a', data: payload } as never);
    await expect(backend.processor({ id: 'b', data: { runId: 1 } } as never)).rejects.toThrow('unreadable');
    expect(handled).toEqual([payload]);
    await worker.close();
  });

  it('aborts its jobs when it closes', async () => {
    const backend = new FakeBackend();
    let aborted = false;
    const worker = await JobWorker.start({
      backend,
      name: 'training',
      logger: pino({ level: 'silent' }),
      handler: (_job, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            aborted = true;
            resolve();
          });
        }),
    });
    const running = backend.processor({ id: 'a', data: payload } as never);
    await worker.close();
    await running;
    expect(aborted).toBe(true);
  });
});

describe('JobQueue', () => {
  it('says when the queue does not answer, and tries a new connection next time', async () => {
    const backend = new FakeBackend();
    const queue = new JobQueue(backend, 'training');
    backend.reachable = false;
    await expect(queue.add(payload)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    backend.reachable = true;
    await queue.add(payload);
    await queue.add(payload);
    expect(backend.queues).toBe(2);
  });

  it('refuses a payload that is not what the queue declares', async () => {
    const backend = new FakeBackend();
    const queue = new JobQueue(backend, 'training');
    await expect(queue.add({ ...payload, attempt: 0 })).rejects.toThrow(/attempt/);
    expect(backend.queues).toBe(0);
  });
});
