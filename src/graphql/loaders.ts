import DataLoader from 'dataloader';
import { AppError } from '../errors';
import { type RequestContext, requireTenant } from '../platform/tenancy/request-context';
import { type Dataset } from '../services/datasets/dataset.entity';
import { type DatasetsService } from '../services/datasets/datasets.service';
import { type DomainConfiguration } from '../services/domains/domain-configuration.entity';
import { type DomainsService } from '../services/domains/domains.service';
import { type EventSnapshot } from '../services/events/event-snapshot.entity';
import { type EventSnapshotsService } from '../services/events/event-snapshots.service';
import { type JobAttempt, type JobLogsService } from '../services/jobs/log/job-logs.service';
import { type ModelVersion } from '../services/models/model-version.entity';
import { type ModelsService } from '../services/models/models.service';
import { type Promotion } from '../services/models/promotion.entity';
import { type StudiesService } from '../services/studies/studies.service';
import { type RunOutlook } from '../services/training/run-outlook';
import { type TrainingRun } from '../services/training/training-run.entity';
import { type TrainingService } from '../services/training/training.service';

export interface LoadedServices {
  readonly domains: DomainsService;
  readonly datasets: DatasetsService;
  readonly snapshots: EventSnapshotsService;
  readonly models: ModelsService;
  readonly training: TrainingService;
  readonly jobLogs: JobLogsService;
  readonly studies: StudiesService;
}

/**
 * What one request looks up by key: every lookup of the same kind that a list's nodes ask for becomes one query.
 * Lives as long as the request.
 */
export class Loaders {
  /** By id. */
  readonly dataset: DataLoader<string, Dataset>;
  /** By the id of the dataset that it became; null for datasets that were uploaded. */
  readonly snapshotOfDataset: DataLoader<string, EventSnapshot | null>;
  /** By id. */
  readonly configuration: DataLoader<string, DomainConfiguration>;
  /** By id. */
  readonly run: DataLoader<string, TrainingRun>;
  /** By the id of the study, the first asked for first. */
  readonly runsOfStudy: DataLoader<string, readonly TrainingRun[]>;
  /** By the id of the run; null when it has ended. */
  readonly runOutlook: DataLoader<string, RunOutlook | null>;
  /** By the id of the job, the first first. */
  readonly attemptsOfJob: DataLoader<string, readonly JobAttempt[]>;
  /** By id. */
  readonly modelVersion: DataLoader<string, ModelVersion>;
  /** By the id of the run that brought it forth. */
  readonly modelVersionOfRun: DataLoader<string, ModelVersion | null>;
  /** By kind; null when the tenant never configured it. */
  readonly currentConfiguration: DataLoader<string, DomainConfiguration | null>;
  /** By kind; null before the first promotion. */
  readonly currentPromotion: DataLoader<string, Promotion | null>;

  constructor(
    ctx: RequestContext,
    { domains, datasets, snapshots, models, training, studies, jobLogs }: LoadedServices,
  ) {
    const tenant = () => requireTenant(ctx);
    this.dataset = loader(async (ids) => inOrder(ids, await datasets.byIds(tenant(), ids), byId));
    this.snapshotOfDataset = loader(async (ids) => {
      const made = await snapshots.byDatasets(tenant(), ids);
      return ids.map((id) => made.find(({ datasetId }) => datasetId === id) ?? null);
    });
    this.configuration = loader(async (ids) => inOrder(ids, await domains.byIds(tenant(), ids), byId));
    this.run = loader(async (ids) => inOrder(ids, await training.byIds(tenant(), ids), byId));
    this.runsOfStudy = loader(async (ids) => {
      const runs = await studies.runsOf(tenant(), ids);
      return ids.map((id) => runs.get(id) ?? []);
    });
    this.runOutlook = loader(async (ids) => {
      const outlooks = await training.outlooks(tenant(), ids);
      return ids.map((id) => outlooks.get(id) ?? null);
    });
    this.attemptsOfJob = loader(async (ids) => {
      const attempts = await jobLogs.attempts(tenant(), ids);
      return ids.map((id) => attempts.filter(({ jobId }) => jobId === id));
    });
    this.modelVersion = loader(async (ids) => inOrder(ids, await models.byIds(tenant(), ids), byId));
    this.modelVersionOfRun = loader(async (ids) => {
      const versions = await models.byRuns(tenant(), ids);
      return ids.map((id) => versions.find((version) => version.runId === id) ?? null);
    });
    this.currentConfiguration = loader((kinds) => domains.currentOf(tenant(), kinds));
    this.currentPromotion = loader((kinds) => models.currentPromotions(tenant(), kinds));
  }

  /** Forgets everything: the next lookup reads again. */
  clear(): void {
    for (const each of Object.values(this) as DataLoader<string, unknown>[]) each.clearAll();
  }
}

function loader<V>(
  load: (keys: readonly string[]) => Promise<readonly (V | Error)[]>,
): DataLoader<string, V> {
  return new DataLoader(load, { maxBatchSize: 100 });
}

function inOrder<V>(
  keys: readonly string[],
  values: readonly V[],
  keyOf: (value: V) => string,
): (V | Error)[] {
  const byKey = new Map(values.map((value) => [keyOf(value), value]));
  return keys.map((key) => byKey.get(key) ?? new AppError('NOT_FOUND', `nothing has the id "${key}"`));
}

function byId({ id }: { readonly id: string }): string {
  return id;
}
