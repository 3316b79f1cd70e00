import {
  createPostgresBackend,
  createRedisBackend,
  type JobsOptions,
  type Processor,
  type QueueOptions,
  withBackend,
  type WorkerOptions,
} from 'bullmq';
import { QUEUE_SCHEMA } from '../persistence/migrate';

/** Where the jobs are kept: in Redis when its address is given, else in PostgreSQL. */
export interface JobBackendOptions {
  /** The application role's connection string, which may use and create in the queue's schema. */
  readonly databaseUrl: string;
  readonly redisUrl: string | null;
}

/** What we use of BullMQ's Queue. */
export interface QueueHandle {
  add(name: string, data: unknown, options: JobsOptions): Promise<unknown>;
  count(): Promise<number>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}

/** What we use of BullMQ's Worker. */
export interface WorkerHandle {
  on(event: 'error', listener: (error: Error) => void): unknown;
  pause(doNotWaitActive: boolean): Promise<void>;
  resume(): Promise<void>;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}

/** Makes queues and workers on one of the two backends. */
export interface JobBackend {
  readonly kind: 'postgres' | 'redis';
  queue(name: string): QueueHandle;
  worker(name: string, processor: Processor, options: Omit<WorkerOptions, 'connection'>): WorkerHandle;
}

const CONNECT_TIMEOUT_MS = 5_000;

export function jobBackend({ databaseUrl, redisUrl }: JobBackendOptions): JobBackend {
  return redisUrl === null ? postgresBackend(databaseUrl) : redisBackend(redisUrl);
}

function postgresBackend(databaseUrl: string): JobBackend {
  const { Queue, Worker } = withBackend(createPostgresBackend);
  const connection = (max: number) => ({
    connectionString: withoutServerOptions(databaseUrl),
    schema: QUEUE_SCHEMA,
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  return {
    kind: 'postgres',
    queue: (name) => new Queue(name, { connection: connection(2) }),
    worker: (name, processor, options) =>
      new Worker(name, processor, { ...options, connection: connection(2) }),
  };
}

function redisBackend(url: string): JobBackend {
  const { Queue, Worker } = withBackend(createRedisBackend);
  const prefix = 'propensity';
  const queueOptions: QueueOptions = {
    prefix,
    // A request must not hang while Redis is away: the reconciler enqueues what could not be.
    connection: { url, maxRetriesPerRequest: 1, connectTimeout: CONNECT_TIMEOUT_MS },
  };
  return {
    kind: 'redis',
    queue: (name) => new Queue(name, queueOptions),
    worker: (name, processor, options) =>
      new Worker(name, processor, {
        ...options,
        prefix,
        connection: { url, maxRetriesPerRequest: null, connectTimeout: CONNECT_TIMEOUT_MS },
      }),
  };
}

/** BullMQ sets its search path through the connection's `options`, which the same parameter in a URL would override. */
function withoutServerOptions(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.delete('options');
  return url.toString();
}
