import { type Database } from '../../platform/persistence/database';
import { type WorkerDevice } from './worker-devices';

/** A worker as it was last heard of. */
export interface AnnouncedWorker {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly devices: readonly WorkerDevice[];
  readonly concurrency: number;
  readonly draining: boolean;
  readonly startedAt: Date;
  readonly heartbeatAt: Date;
  readonly alive: boolean;
  readonly executing: readonly { readonly tenantId: string; readonly jobId: string }[];
}

/** What the workers of one class can do, over all tenants. */
export interface DeviceCapacity {
  readonly device: 'CPU' | 'GPU';
  readonly workers: number;
  readonly free: number;
}

/** Who executes jobs. */
export class WorkersService {
  constructor(private readonly database: Database) {}

  /** Those that were heard of within a day, the newest first. Whoever calls answers for that a platform administrator asks. */
  async list(): Promise<AnnouncedWorker[]> {
    return this.database.asPlatform((scope) =>
      scope.query<AnnouncedWorker>(
        `SELECT id, name, version, devices, concurrency, draining, started_at AS "startedAt",
                heartbeat_at AS "heartbeatAt", alive, executing FROM list_workers()`,
      ),
    );
  }

  /** Of both classes, always. */
  async capacity(): Promise<DeviceCapacity[]> {
    return this.database.asPlatform((scope) =>
      scope.query<DeviceCapacity>('SELECT device, workers, free FROM training_capacity()'),
    );
  }
}
