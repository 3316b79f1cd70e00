import { once } from 'node:events';
import path from 'node:path';
import { type z } from 'zod';
import { API_NODE_OPTIONS } from '../../src/app/launcher/api-node-options';
import { type Child, startChild } from '../../src/app/launcher/child';
import { platformEnvironment } from '../../test/support/platform-environment';
import { type ServerRequest } from './server-messages';

/** As many as a minute can have. */
const UNLIMITED = '1000000000';
const GRACE_MS = 10_000;

export interface ServerOptions {
  readonly databaseUrl: string;
  readonly dataDirectory: string;
  /** Of this server beside production's. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly onLog: (line: string) => void;
}

/** The API in a process of its own. */
export class BenchServer {
  private constructor(
    private readonly child: Child,
    readonly url: string,
  ) {}

  static async start({
    databaseUrl,
    dataDirectory,
    environment,
    onLog,
  }: ServerOptions): Promise<BenchServer> {
    const child = await startChild({
      name: 'api',
      entry: path.join(__dirname, 'server-main.js'),
      environment: {
        ...platformEnvironment(),
        NODE_ENV: 'production',
        PORT: '0',
        DATABASE_URL: databaseUrl,
        PROPENSITY_DATA_DIRECTORY: dataDirectory,
        PROPENSITY_REQUESTS_PER_MINUTE: UNLIMITED,
        PROPENSITY_PREDICTIONS_PER_MINUTE: UNLIMITED,
        ...environment,
      },
      nodeOptions: API_NODE_OPTIONS,
      onLog,
    });
    return new BenchServer(child, child.url ?? '');
  }

  async ask<T>(request: ServerRequest, answer: z.ZodType<T>): Promise<T> {
    this.child.process.send(request);
    const [message] = (await once(this.child.process, 'message')) as [unknown];
    return answer.parse(message);
  }

  stop(): Promise<void> {
    return this.child.stop(GRACE_MS);
  }
}
