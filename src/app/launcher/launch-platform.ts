import path from 'node:path';
import { AppError } from '../../errors';
import { type Config } from '../../platform/config/config';
import { startEmbeddedPostgres } from '../../platform/persistence/embedded-postgres';
import { migrate } from '../../platform/persistence/migrate';
import { installPlatformAdminKey } from '../../platform/tenancy/platform-admin-key';
import { API_NODE_OPTIONS } from './api-node-options';
import { platformAdminKey } from './platform-admin-key';
import { Supervisor } from './supervisor';

/** Compiled entry files, beside this one in the build. */
const ENTRIES = {
  api: path.resolve(__dirname, '../api-main.js'),
  worker: path.resolve(__dirname, '../../../queue-workers/main.js'),
};
/** Time that a process gets to end in order: a worker writes a checkpoint, the API answers what it has begun. */
const GRACE_MS = 20_000;

export interface LaunchOptions {
  readonly config: Config;
  readonly environment: NodeJS.ProcessEnv;
  /** What is being done, and what went wrong, one line each. */
  readonly onNotice: (message: string) => void;
  /** The processes' log lines (JSON). */
  readonly onLog: (line: string) => void;
}

export interface Platform {
  /** The GraphQL endpoint. */
  readonly url: string;
  readonly platformAdminKey: string;
  /** Ends every process, the database last. */
  stop(): Promise<void>;
}

/** Brings the whole platform up on this machine: database, migrations, API, worker. */
export async function launchPlatform(options: LaunchOptions): Promise<Platform> {
  const { config, onNotice, onLog } = options;
  const supervisor = new Supervisor({ onNotice });
  const database = await openDatabase(config, onNotice);
  const stop = async (): Promise<void> => {
    await supervisor.stop(GRACE_MS);
    await database.stop();
  };
  try {
    await migrate({ ownerUrl: database.ownerUrl, applicationUrl: config.databaseAppUrl });
    const adminKey = config.platformAdminKey ?? (await platformAdminKey(config.dataDirectory));
    await installPlatformAdminKey(database.ownerUrl, adminKey);
    const environment = {
      ...options.environment,
      DATABASE_URL: database.ownerUrl,
      PROPENSITY_DATA_DIRECTORY: config.dataDirectory,
      PROPENSITY_PLATFORM_ADMIN_KEY: adminKey,
    };
    onNotice('Starting the API and a training worker');
    const [api] = await Promise.all([
      supervisor.start({
        name: 'api',
        entry: ENTRIES.api,
        environment,
        nodeOptions: API_NODE_OPTIONS,
        onLog,
      }),
      supervisor.start({
        name: 'worker',
        entry: ENTRIES.worker,
        environment: { ...environment, ...metricsOfWorker(config) },
        onLog,
      }),
    ]);
    if (api.url === null) throw new AppError('INTERNAL_SERVER_ERROR', 'the API did not say where it listens');
    return { url: api.url, platformAdminKey: adminKey, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Two processes cannot listen on one port. */
function metricsOfWorker({ metricsPort }: Config): NodeJS.ProcessEnv {
  return metricsPort ? { PROPENSITY_METRICS_PORT: String(metricsPort + 1) } : {};
}

async function openDatabase(
  config: Config,
  onNotice: (message: string) => void,
): Promise<{ ownerUrl: string; stop(): Promise<void> }> {
  if (config.databaseUrl !== null) return { ownerUrl: config.databaseUrl, stop: () => Promise.resolve() };
  onNotice(`Starting embedded PostgreSQL in ${config.dataDirectory}`);
  return startEmbeddedPostgres({ dataDirectory: config.dataDirectory, onNotice });
}
