import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { API_ENTITIES } from '../../../src/app/api/api-entities';
import { type Api, buildApi } from '../../../src/app/api/build-api';
import { discoverDomains } from '../../../src/app/discover-domains';
import { AppError } from '../../../src/errors';
import { FolderObjectStores } from '../../../src/platform/artifacts/folder-object-store';
import { type ApiConfig } from '../../../src/app/api/build-api';
import { loadConfig } from '../../../src/platform/config/config';
import { type JobQueue } from '../../../src/platform/jobs/job-queue';
import { type Database } from '../../../src/platform/persistence/database';
import { Notifications } from '../../../src/platform/persistence/notifications';
import { createLogger, type Logger } from '../../../src/platform/telemetry/logger';
import { type Metrics } from '../../../src/platform/telemetry/metrics';
import { installPlatformAdminKey } from '../../../src/platform/tenancy/platform-admin-key';
import { PredictionService } from '../../../src/services/prediction/prediction.service';
import { TrainingService } from '../../../src/services/training/training.service';
import { createTestDatabase, createTestTenant, openTestDatabase } from '../test-database';
import { ApiCaller } from './api-caller';

export const PLATFORM_ADMIN_KEY = `pk_${'p'.repeat(43)}`;
export const MAX_UPLOAD_BYTES = 64 * 1024;

/** The API on a database, a store and a port of its own; no worker takes what it enqueues. */
export interface TestApi {
  readonly api: Api;
  readonly database: Database;
  /** Connection string of the role that owns the tables. */
  readonly ownerUrl: string;
  readonly stores: FolderObjectStores;
  /** The GraphQL endpoint. */
  readonly url: string;
  readonly platform: ApiCaller;
  /** A new tenant with a key of that role. */
  tenant(role?: 'TENANT_ADMIN' | 'ANALYST' | 'SERVICE'): Promise<ApiTenant>;
  /** A caller with another key. */
  caller(key: string | null): ApiCaller;
  /** Where uploads wait: empty when nothing is being uploaded. */
  readonly uploads: string;
  close(): Promise<void>;
}

export interface ApiTenant {
  readonly id: string;
  readonly keyId: string;
  readonly caller: ApiCaller;
}

export interface TestApiOptions {
  readonly production?: boolean;
  /** Settings that are not at their defaults. */
  readonly config?: Partial<ApiConfig>;
  /** What answers predictions; by default nothing is promoted. */
  readonly prediction?: (database: Database) => PredictionService;
  /** From which time on an operation is compiled. By default the first: tests ask most questions once. */
  readonly compileAt?: number;
  readonly metrics?: Metrics;
  readonly logger?: Logger;
  /** On the database of another, which outlives it. */
  readonly beside?: Pick<TestApi, 'ownerUrl'>;
}

export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const server = await (options.beside ? openTestDatabase(options.beside.ownerUrl) : createTestDatabase());
  const dataDirectory = await mkdtemp(path.join(tmpdir(), 'propensity-api-'));
  const database = await server.connect(API_ENTITIES);
  await installPlatformAdminKey(server.ownerUrl, PLATFORM_ADMIN_KEY);
  const stores = await FolderObjectStores.open(path.join(dataDirectory, 'objects'));
  const notifications = new Notifications(database.applicationUrl);
  const logger = options.logger ?? createLogger('test', 'silent');
  const queue = { add: () => Promise.resolve() } as unknown as JobQueue<'training'>;
  const api = await buildApi(
    {
      ...loadConfig({}),
      production: options.production ?? false,
      ...options.config,
      dataDirectory,
      maxUploadBytes: MAX_UPLOAD_BYTES,
    },
    {
      database,
      stores,
      notifications,
      training: new TrainingService({ database, queue, logger }),
      prediction: options.prediction?.(database) ?? untrained(),
      domains: discoverDomains(),
      logger,
      metrics: options.metrics ?? null,
      compileAt: options.compileAt ?? 1,
    },
  );
  const url = await api.listen({ host: '127.0.0.1', port: 0 });
  const caller = (key: string | null): ApiCaller => new ApiCaller(url, key);
  return {
    api,
    database,
    ownerUrl: server.ownerUrl,
    stores,
    url,
    caller,
    platform: caller(PLATFORM_ADMIN_KEY),
    uploads: path.join(dataDirectory, 'uploads'),
    tenant: async (role = 'TENANT_ADMIN') => {
      const { id, key, keyId } = await createTestTenant(database, role);
      return { id, keyId, caller: caller(key) };
    },
    close: async () => {
      await api.close();
      await notifications.close();
      await server.drop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** Serving before anything was promoted. */
function untrained(): PredictionService {
  const notReady = () => Promise.reject(new AppError('MODEL_NOT_READY', 'nothing is promoted'));
  return new PredictionService({
    champions: { current: notReady },
    pool: { run: notReady },
    histories: { latest: notReady, derived: notReady, keyed: notReady, dated: notReady },
  });
}
