import { mkdir, rm } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { In } from 'typeorm';
import { AppError } from '../../errors';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import {
  checkDeclaredFormat,
  type DeclaredFormat,
  type FileFormat,
} from '../../learning/preparation/formats/file-format';
import { inspectUpload, type UploadInspection } from '../../learning/preparation/mapping/inspect-upload';
import { recordChange } from '../../platform/audit/record-change';
import { removeOrphans, unfinishedName } from '../../platform/artifacts/atomic-file';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { storageError } from '../../platform/artifacts/storage-errors';
import { type Database } from '../../platform/persistence/database';
import { type Page, type PageRequest } from '../../platform/persistence/keyset';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { type DomainsService } from '../domains/domains.service';
import { type ErasedSubjects } from '../privacy/erased-subjects';
import { takeOutErased } from '../privacy/take-out-erased';
import { removeUnreferenced } from '../privacy/remove-unreferenced';
import { requireRoom, requireRoomTaken } from '../quotas/require-room';
import { QuotaExceededError } from '../../platform/tenancy/quotas/quota';
import { checkName } from '../name-input';
import { Dataset } from './dataset.entity';
import { entitiesOf, fileOptions, specOfDataset } from './dataset-spec';
import { type InspectedFile, readyValues } from './ready-values';
import { receiveUpload, type Upload } from './receive-upload';
import { Slots } from './slots';

/** Files inspected at the same time: each takes memory and a core that predictions want as well. */
const INSPECTIONS = 2;
/** A compressed file may unpack to so many times the largest upload: text rarely shrinks to less than a tenth. */
export const UNPACKED_FACTOR = 16;

export interface DatasetsOptions {
  readonly database: Database;
  readonly stores: ObjectStores;
  readonly domains: DomainsService;
  /** Whose rows are taken out of what is uploaded. */
  readonly erased: Pick<ErasedSubjects, 'ofDomain'>;
  /** Where files wait until they are found to be good; removed afterwards. */
  readonly spoolDirectory: string;
  readonly maxUploadBytes: number;
}

/** A file that was received whole. */
interface Arrival {
  readonly dataset: Dataset;
  readonly upload: Upload;
  readonly featureSpec: FeatureSpec;
  readonly file: string;
  readonly received: { readonly sha256: string; readonly bytes: number };
}

/** A READY dataset's file on this machine. */
export interface LocalDataset {
  readonly sha256: string;
  readonly path: string;
  readonly format: FileFormat | null;
  /** When it came. */
  readonly uploadedAt: Date | null;
}

export interface NewDataset {
  readonly kind: string;
  readonly name: string;
  /** The entity of the configuration that it will hold. */
  readonly entity?: string | null | undefined;
  /** Whether its file has labels; without, it is only to be scored. True unless given. */
  readonly isLabelled?: boolean | undefined;
  /** What is known of the file that will follow. */
  readonly format?: DeclaredFormat | null | undefined;
}

/** Files of examples: announced, uploaded, inspected, kept. */
export class DatasetsService {
  private readonly inspections = new Slots(INSPECTIONS);

  constructor(private readonly options: DatasetsOptions) {}

  /** Removes what uploads to processes that were killed have left behind. */
  async removeLeftovers(): Promise<void> {
    await mkdir(this.options.spoolDirectory, { recursive: true });
    await removeOrphans(this.options.spoolDirectory);
  }

  /**
   * Announces a dataset; its content follows with `upload`. A domain that was never configured is, with its defaults.
   * @throws AppError BAD_USER_INPUT
   */
  async create(ctx: TenantContext, input: NewDataset): Promise<Dataset> {
    const name = checkName(input.name, 'name');
    const declaredFormat = input.format ?? null;
    if (declaredFormat) checkDeclaredFormat(declaredFormat);
    // The file is checked against the configuration: there must be one.
    const { featureSpec } = await this.options.domains.ensureCurrent(ctx, input.kind);
    const entity = input.entity ?? null;
    if (entity !== null && !featureSpec.entities?.some((other) => other.name === entity))
      throw new AppError('BAD_USER_INPUT', 'The configuration in force has no such entity.', [
        { path: 'entity', message: `is none of the configuration. ${entitiesOf(featureSpec)}` },
      ]);
    const isLabelled = input.isLabelled ?? true;
    return this.inTenant(ctx, async (scope) => {
      const dataset = await scope.repository(Dataset).insert({
        kind: input.kind,
        name,
        entity,
        isLabelled,
        declaredFormat,
        state: 'AWAITING_UPLOAD',
        createdBy: ctx.actor.id,
      });
      recordChange(scope, ctx, {
        action: 'DATASET_CREATED',
        objectId: dataset.id,
        before: null,
        after: { kind: input.kind, name, entity, isLabelled, declaredFormat },
      });
      return dataset;
    });
  }

  /** @throws AppError NOT_FOUND */
  async get(ctx: TenantContext, id: string): Promise<Dataset> {
    return this.inTenant(ctx, (scope) => scope.repository(Dataset).getOrThrow(id));
  }

  /** The datasets with these ids that the tenant has, in no order. */
  async byIds(ctx: TenantContext, ids: readonly string[]): Promise<Dataset[]> {
    return this.inTenant(ctx, (scope) => scope.repository(Dataset).find({ id: In([...ids]) }));
  }

  /** Newest first, of one kind or of all. */
  async list(
    ctx: TenantContext,
    { kind, ...page }: PageRequest & { kind?: string | null | undefined },
  ): Promise<Page<Dataset>> {
    return this.inTenant(ctx, (scope) =>
      scope.repository(Dataset).page(page, { where: kind == null ? {} : { kind }, orderBy: 'createdAt' }),
    );
  }

  /**
   * Takes a dataset's content: stores it and makes the dataset READY, or leaves nothing behind.
   *
   * A file that was received whole and cannot be used makes the dataset REJECTED, with the reason; another file
   * may be sent then. The file that a READY dataset has may be sent again, by a sender that missed the answer: it
   * stays as it is.
   *
   * @throws AppError NOT_FOUND; CONFLICT when the dataset has other content already; PAYLOAD_TOO_LARGE; QUOTA_EXCEEDED; INVALID_DATA
   * with issues when the upload is incomplete or unusable; UNAVAILABLE
   */
  async upload(ctx: TenantContext, id: string, upload: Upload): Promise<Dataset> {
    const dataset = await this.get(ctx, id);
    const isReady = dataset.state === 'READY';
    if (isReady && differs(upload, dataset)) throw alreadyThere();
    const { featureSpec } = await this.options.domains.ensureCurrent(ctx, dataset.kind);
    const { bytes: announced } = upload;
    // Nobody sends what does not fit.
    if (!isReady && announced !== null)
      await this.inTenant(ctx, (scope) => requireRoom(scope, ctx, { STORED_BYTES: announced }));
    const { spoolDirectory, maxUploadBytes } = this.options;
    const folder = path.join(spoolDirectory, unfinishedName());
    const file = path.join(folder, 'dataset');
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
        throw storageError(error);
      });
      const { sha256, bytes } = await receiveUpload(upload, { path: file, maxBytes: maxUploadBytes });
      if (isReady) {
        if (sha256 !== receivedOf(dataset).sha256) throw alreadyThere();
        return dataset;
      }
      return await this.take(ctx, { dataset, upload, featureSpec, file, received: { sha256, bytes } }).catch(
        async (error: unknown) => {
          if (isRejection(error)) await this.reject(ctx, id, error);
          throw error;
        },
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /**
   * A local copy of a dataset's content, not to be changed.
   * @throws AppError NOT_FOUND; CONFLICT when it has no content
   */
  async localCopy(ctx: TenantContext, id: string): Promise<LocalDataset> {
    const { sha256, format, uploadedAt } = await this.get(ctx, id);
    if (sha256 === null) {
      throw new AppError('CONFLICT', 'The dataset has no content yet: upload a file first.');
    }
    return {
      sha256,
      format,
      uploadedAt,
      path: await this.options.stores.forTenant(ctx.actor.tenantId).localPath(sha256),
    };
  }

  private async inspect(
    file: string,
    spec: FeatureSpec,
    { dataset, upload }: { dataset: Dataset; upload: Upload },
  ): Promise<UploadInspection> {
    const read = specOfDataset(spec, dataset);
    const inspection = await this.inspections.run(() =>
      inspectUpload(file, read, {
        workDirectory: path.dirname(file),
        threads: 1,
        ...fileOptions(spec, dataset),
        format: dataset.declaredFormat ?? undefined,
        maxUnpackedBytes: UNPACKED_FACTOR * this.options.maxUploadBytes,
      }),
    );
    // Training could do without the last row. But a file that was cut once has lost more than that, unless its sender
    // gave the digest of just this content.
    if (inspection.endsInsideRow && upload.sha256 === null) throw cutFile(inspection);
    return inspection;
  }

  /** Inspects a file that came, takes out whose rows are not to come back, and stores it. */
  private async take(ctx: TenantContext, arrival: Arrival): Promise<Dataset> {
    const { dataset, upload, featureSpec, file, received } = arrival;
    const store = this.options.stores.forTenant(ctx.actor.tenantId);
    const inspection = await this.inspect(file, featureSpec, { dataset, upload });
    for (;;) {
      const erased = await this.inTenant(ctx, (scope) => this.options.erased.ofDomain(scope, dataset.kind));
      const without =
        erased && (await takeOutErased(file, { spec: featureSpec, dataset, inspection, erased }));
      const kept =
        without === null
          ? { ...received, inspection }
          : {
              ...(await store.put(createReadStream(without))),
              inspection: await this.inspect(without, featureSpec, { dataset, upload }),
              received,
            };
      if (without === null) await store.put(createReadStream(file), { expectedSha256: received.sha256 });
      const discard = () =>
        removeUnreferenced(this.options.database, store, {
          tenantId: ctx.actor.tenantId,
          sha256: kept.sha256,
        });
      const accepted = await this.accept(ctx, dataset.id, kept, erased?.version ?? null).catch(
        async (error: unknown) => {
          if (error instanceof QuotaExceededError) await discard();
          throw error;
        },
      );
      if (accepted) return accepted;
      // Somebody was erased meanwhile: the file is looked through again.
      await discard();
    }
  }

  /** @returns null when other subjects are erased than the file was looked through for */
  private async accept(
    ctx: TenantContext,
    id: string,
    file: InspectedFile,
    erasedVersion: string | null,
  ): Promise<Dataset | null> {
    return this.inTenant(ctx, async (scope) => {
      const { kind } = await scope.repository(Dataset).getOrThrow(id);
      const erased = await this.options.erased.ofDomain(scope, kind);
      if ((erased?.version ?? null) !== erasedVersion) return null;
      // Locked: of two uploads at the same time, one is taken; the other is the same, or a conflict.
      const dataset = await scope.repository(Dataset).getForUpdate(id);
      if (dataset.state === 'READY') {
        if (receivedOf(dataset).sha256 === (file.received ?? file).sha256) return dataset;
        throw alreadyThere();
      }
      await scope.repository(Dataset).update({ id }, readyValues(file));
      const ready = await scope.repository(Dataset).getOrThrow(id);
      const { state, sha256, bytes, rowCount } = ready;
      await requireRoomTaken(scope, ctx, { STORED_ROWS: rowCount ?? 0, STORED_BYTES: bytes ?? 0 });
      recordChange(scope, ctx, {
        action: 'DATASET_UPLOADED',
        objectId: id,
        before: { state: dataset.state },
        after: { state, sha256, bytes, rowCount },
      });
      return ready;
    });
  }

  private async reject(ctx: TenantContext, id: string, { code, message, issues }: AppError): Promise<void> {
    await this.inTenant(ctx, async (scope) => {
      const dataset = await scope.repository(Dataset).getForUpdate(id);
      if (dataset.state === 'READY') return;
      await scope
        .repository(Dataset)
        .update({ id }, { state: 'REJECTED', rejection: { code, message, issues: [...issues] } });
      // The message may quote the file.
      recordChange(scope, ctx, {
        action: 'DATASET_REJECTED',
        objectId: id,
        before: { state: dataset.state },
        after: { state: 'REJECTED', code },
      });
    });
  }

  private inTenant<T>(ctx: TenantContext, work: (scope: TenantScope) => Promise<T>): Promise<T> {
    return this.options.database.inTenant(ctx.actor.tenantId, work);
  }
}

/** Whether what is announced of an upload cannot be what the dataset has. */
function differs({ sha256, bytes }: Upload, dataset: Dataset): boolean {
  const received = receivedOf(dataset);
  return (sha256 !== null && sha256 !== received.sha256) || (bytes !== null && bytes !== received.bytes);
}

/** The file of a READY dataset as it came. */
function receivedOf({ receivedSha256, receivedBytes, sha256, bytes }: Dataset) {
  return { sha256: receivedSha256 ?? sha256, bytes: receivedBytes ?? bytes };
}

function alreadyThere(): AppError {
  return new AppError(
    'CONFLICT',
    'The dataset has other content already, and content is never replaced: create another dataset.',
  );
}

function cutFile({ rowCount }: UploadInspection): AppError {
  const message = 'ends in the middle of a row';
  return new AppError(
    'INVALID_DATA',
    `The file ${message} (its data row ${rowCount}), so it was probably cut: send the whole file, or its SHA-256 with it if this is all of it.`,
    [{ path: `row ${rowCount}`, message }],
  );
}

/** Whether the file itself is to blame, and not the server. */
function isRejection(error: unknown): error is AppError {
  return (
    error instanceof AppError && (error.code === 'INVALID_DATA' || error.code === 'INVALID_CONFIGURATION')
  );
}
