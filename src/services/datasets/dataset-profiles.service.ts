import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../errors';
import { type Quarantine } from '../../learning/preparation/csv-inspection';
import { type EntitySource } from '../../learning/preparation/entities/entity-tables';
import { type DatasetProfile } from '../../learning/preparation/profile/dataset-profile';
import { profileCsv } from '../../learning/preparation/profile/profile-csv';
import { unfinishedName } from '../../platform/artifacts/atomic-file';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { storageError } from '../../platform/artifacts/storage-errors';
import { type Database } from '../../platform/persistence/database';
import { isUniqueViolation } from '../../platform/persistence/database-errors';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { type DomainConfiguration } from '../domains/domain-configuration.entity';
import { type DomainsService } from '../domains/domains.service';
import { unreferenced } from '../privacy/unreferenced';
import { Dataset } from './dataset.entity';
import { DatasetMappingRecord } from './dataset-mapping.entity';
import { DatasetProfileRecord } from './dataset-profile.entity';
import { fileOptions, specOfDataset } from './dataset-spec';
import { type DatasetsService } from './datasets.service';
import { joinedEntities, type JoinedEntity, joinedKey } from './joined-entities';
import { mappingInForce, usedMapping, type UsedMapping } from './mapping-in-force';
import { Slots } from './slots';

/** Of `DatasetProfile`: to be raised with every change of its fields, so that stored ones are not read as new ones. */
const FORMAT = 6;
/** Profiles made at the same time: each takes a core that predictions want as well. */
const AT_ONCE = 1;
/** How long a request waits for a profile that is being made; most files need less. */
const WAIT_MS = 5_000;
/** A file that takes longer would keep the other tenants' from their turn. */
const TIME_LIMIT_MS = 600_000;
/** Failures that nobody has been told of yet. */
const MAX_FAILURES = 100;

export interface DatasetProfilesOptions {
  readonly database: Database;
  readonly stores: ObjectStores;
  readonly domains: Pick<DomainsService, 'ensureCurrent'>;
  readonly datasets: Pick<DatasetsService, 'get' | 'localCopy'>;
  /** Where DuckDB spills to; removed afterwards. */
  readonly spoolDirectory: string;
  readonly waitMs?: number;
  readonly timeLimitMs?: number;
}

/** A profile, and the configuration that it was read with. */
export interface ReadProfile {
  readonly profile: DatasetProfile;
  readonly configuration: DomainConfiguration;
  readonly createdAt: Date;
  /** Content address of all quarantined rows: CSV. */
  readonly quarantineSha256: string;
}

export interface QuarantineFile {
  readonly sha256: string;
  readonly path: string;
  readonly count: number;
  readonly reasons: DatasetProfile['quarantineReasons'];
}

/** How a dataset is read. */
interface View {
  readonly datasetId: string;
  readonly entity: string | null;
  readonly isLabelled: boolean;
  readonly configuration: DomainConfiguration;
  readonly mapping: UsedMapping;
  /** What rows or events are joined with. */
  readonly entities: readonly JoinedEntity[];
}

interface Failure {
  readonly error: unknown;
}

interface Task {
  readonly tenantId: string;
  /** Never rejects: null when the profile is there. */
  readonly done: Promise<Failure | null>;
}

/**
 * What is in the datasets. A profile is made when it is first asked for, once per dataset,
 * configuration, mapping and files of entities that it is joined with, the newest of each, and kept.
 *
 * It is made in the process that was asked, one at a time and one per tenant, in DuckDB's thread: a tenant with many
 * files waits for itself and not the others for it. A process that ends loses only the work: the next request starts it
 * again.
 */
export class DatasetProfilesService {
  private readonly slots = new Slots(AT_ONCE);
  private readonly tasks = new Map<string, Task>();
  /** Told to the next who asks, once; then it is tried again. */
  private readonly failures = new Map<string, Failure>();
  private readonly closing = new AbortController();

  constructor(private readonly options: DatasetProfilesOptions) {}

  /**
   * The profile of a dataset as the configuration in force reads it; null while it is being made, or waits for its turn.
   * @throws AppError NOT_FOUND; CONFLICT when the dataset has no content; INVALID_DATA or INVALID_CONFIGURATION when the
   * configuration does not fit the file; MAPPING_UNCONFIRMED; UNAVAILABLE
   */
  async profile(ctx: TenantContext, datasetId: string): Promise<ReadProfile | null> {
    const dataset = await this.options.datasets.get(ctx, datasetId);
    if (dataset.sha256 === null)
      throw new AppError('CONFLICT', 'The dataset has no content yet: upload a file first.');
    const configuration = await this.options.domains.ensureCurrent(ctx, dataset.kind);
    const { entity, isLabelled, kind } = dataset;
    const { featureSpec: spec } = configuration;
    const used = await this.options.database.inTenant(ctx.actor.tenantId, async (scope) => ({
      mapping: usedMapping(await mappingInForce(scope, dataset, specOfDataset(spec, dataset))),
      entities: entity === null ? await joinedEntities(scope, { kind, spec }) : [],
    }));
    const view = { datasetId, entity, isLabelled, configuration, ...used };
    const stored = await this.stored(ctx, view);
    if (stored) return stored;
    await this.attempt(ctx, view);
    return this.stored(ctx, view);
  }

  /**
   * Has the profile made, for whoever will ask: what the dataset says of its quarantine follows. Why it cannot be made is
   * told to them.
   */
  begin(ctx: TenantContext, datasetId: string): void {
    this.profile(ctx, datasetId).catch(() => undefined);
  }

  /**
   * All quarantined rows of a dataset as a local CSV file, not to be changed; null while it is being made.
   * @throws AppError as `profile`
   */
  async quarantine(ctx: TenantContext, datasetId: string): Promise<QuarantineFile | null> {
    const read = await this.profile(ctx, datasetId);
    if (!read) return null;
    const { profile, quarantineSha256: sha256 } = read;
    const { quarantinedCount: count, quarantineReasons: reasons } = profile;
    const file = await this.options.stores.forTenant(ctx.actor.tenantId).localPath(sha256);
    return { sha256, path: file, count, reasons };
  }

  /** Ends what is being made, and waits until it has ended. */
  async close(): Promise<void> {
    this.closing.abort(new AppError('UNAVAILABLE', 'The server is ending: try again in a moment.'));
    await Promise.allSettled([...this.tasks.values()].map(({ done }) => done));
  }

  private async stored(
    ctx: TenantContext,
    { datasetId, configuration, mapping, entities }: View,
  ): Promise<ReadProfile | null> {
    const { tenantId } = ctx.actor;
    const record = await this.options.database.inTenant(tenantId, (scope) =>
      scope.repository(DatasetProfileRecord).findOne({
        datasetId,
        configurationId: configuration.id,
        mappingVersion: mapping.version,
        joined: joinedKey(entities),
        format: FORMAT,
      }),
    );
    if (!record) return null;
    const bytes = await this.options.stores.forTenant(tenantId).get(record.sha256);
    // Addressed by its content and of this format: it is what was written.
    const profile = JSON.parse(Buffer.from(bytes).toString('utf8')) as DatasetProfile;
    const { createdAt, quarantineSha256 } = record;
    return { profile, configuration, createdAt, quarantineSha256: quarantineSha256 ?? '' };
  }

  /** Starts the work, or joins it, and waits for it for a while. */
  private async attempt(ctx: TenantContext, view: View): Promise<void> {
    const { tenantId } = ctx.actor;
    const { datasetId, configuration, mapping, entities } = view;
    const key = [tenantId, datasetId, configuration.id, mapping.version, joinedKey(entities)].join('/');
    this.tell(key, this.failures.get(key));
    const task = this.tasks.get(key) ?? this.start(ctx, key, () => this.make(ctx, view));
    if (!task) return;
    let timer: NodeJS.Timeout | undefined;
    const waited = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), this.options.waitMs ?? WAIT_MS);
    });
    const failure = await Promise.race([task.done, waited]);
    clearTimeout(timer);
    this.tell(key, failure);
  }

  /** @returns null when the tenant has another file in work, or the server is ending */
  private start({ actor: { tenantId } }: TenantContext, key: string, work: () => Promise<void>): Task | null {
    const hasTurn = [...this.tasks.values()].every((other) => other.tenantId !== tenantId);
    if (!hasTurn || this.closing.signal.aborted) return null;
    const done = this.slots
      .run(work)
      .then(() => null)
      .catch((error: unknown) => this.keep(key, { error }))
      .finally(() => this.tasks.delete(key));
    const task = { tenantId, done };
    this.tasks.set(key, task);
    return task;
  }

  private async make(ctx: TenantContext, view: View): Promise<void> {
    const { datasetId, configuration, mapping, entities } = view;
    const { featureSpec: spec } = configuration;
    const { database, stores, domains, datasets, spoolDirectory, timeLimitMs = TIME_LIMIT_MS } = this.options;
    const late = AbortSignal.timeout(timeLimitMs);
    const signal = AbortSignal.any([this.closing.signal, late]);
    const workDirectory = path.join(spoolDirectory, unfinishedName());
    try {
      signal.throwIfAborted();
      const file = await datasets.localCopy(ctx, datasetId);
      await mkdir(workDirectory, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
        throw storageError(error);
      });
      const format = file.format ?? undefined;
      const quarantinePath = path.join(workDirectory, 'quarantine.csv');
      const options = { workDirectory, threads: 1, signal, format, mapping: mapping.columns, quarantinePath };
      const seen: { quarantined?: Quarantine } = {};
      const store = stores.forTenant(ctx.actor.tenantId);
      const sources: EntitySource[] = [];
      for (const { name, sha256, format: of, mapping: own } of entities)
        sources.push({
          ...{ name, format: of ?? undefined, mapping: own.columns },
          path: await store.localPath(sha256),
        });
      const profile = await profileCsv(file.path, specOfDataset(spec, view), {
        ...options,
        onQuarantined: (quarantined) => (seen.quarantined = quarantined),
        ...fileOptions(spec, view),
        entities: sources,
        receivedAt: file.uploadedAt ?? undefined,
      });
      const { sha256 } = await store.put(Buffer.from(JSON.stringify(profile)));
      const quarantine = await store.put(createReadStream(quarantinePath));
      const { id: inForce } = await domains.ensureCurrent(ctx, configuration.kind);
      const isOfFile = await database.inTenant(ctx.actor.tenantId, async (scope) => {
        const dataset = await scope.repository(Dataset).getForUpdate(datasetId);
        if (dataset.sha256 !== file.sha256) return false;
        for (const joined of entities) {
          const other = await scope.repository(Dataset).getForUpdate(joined.datasetId);
          if (other.sha256 !== joined.sha256) return false;
        }
        await scope.repository(DatasetProfileRecord).insert({
          datasetId,
          configurationId: configuration.id,
          mappingVersion: mapping.version,
          joined: joinedKey(entities),
          format: FORMAT,
          sha256,
          quarantineSha256: quarantine.sha256,
        });
        const { quarantined } = seen;
        if (quarantined && inForce === configuration.id)
          await showQuarantined(scope, { datasetId, mappingVersion: mapping.version, quarantined });
        return true;
      });
      if (isOfFile) return;
      // Somebody was erased from the file meanwhile: what was said of them goes, and is made again when it is asked for.
      const gone = await database.inTenant(ctx.actor.tenantId, (scope) =>
        unreferenced(scope, [sha256, quarantine.sha256]),
      );
      for (const digest of gone) await store.delete(digest);
    } catch (error) {
      // Another process made the same one meanwhile.
      if (isUniqueViolation(error)) return;
      throw late.aborted && !(error instanceof AppError) ? tookTooLong(timeLimitMs) : error;
    } finally {
      await rm(workDirectory, { recursive: true, force: true });
    }
  }

  private keep(key: string, failure: Failure): Failure {
    const [oldest] = this.failures.keys();
    if (oldest !== undefined && this.failures.size >= MAX_FAILURES) this.failures.delete(oldest);
    this.failures.set(key, failure);
    return failure;
  }

  private tell(key: string, failure: Failure | null | undefined): void {
    if (!failure) return;
    this.failures.delete(key);
    throw failure.error;
  }
}

/** What the dataset itself says of its quarantine, as of the newest mapping. */
async function showQuarantined(
  scope: TenantScope,
  {
    datasetId,
    mappingVersion,
    quarantined,
  }: { readonly datasetId: string; readonly mappingVersion: number; readonly quarantined: Quarantine },
): Promise<void> {
  const newest = await scope
    .repository(DatasetMappingRecord)
    .findOne({ datasetId }, { order: { version: 'DESC' } });
  if ((newest?.version ?? 0) !== mappingVersion) return;
  await scope
    .repository(Dataset)
    .update(
      { id: datasetId },
      { quarantinedCount: quarantined.count, quarantineSample: [...quarantined.sample] },
    );
}

function tookTooLong(limitMs: number): AppError {
  return new AppError(
    'UNAVAILABLE',
    `The dataset could not be profiled within ${limitMs / 1000} s: try again when the server has less to do, or upload a part of it.`,
  );
}
