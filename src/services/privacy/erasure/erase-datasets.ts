import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { In } from 'typeorm';
import { z } from 'zod';
import { AppError } from '../../../errors';
import { withRowsOf } from '../../../learning/preparation/erasure/find-rows';
import { writeWithout } from '../../../learning/preparation/erasure/remove-rows';
import { inspectUpload } from '../../../learning/preparation/mapping/inspect-upload';
import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { DatasetProfileRecord } from '../../datasets/dataset-profile.entity';
import { fileOptions, specOfDataset } from '../../datasets/dataset-spec';
import { Dataset } from '../../datasets/dataset.entity';
import { readyValues } from '../../datasets/ready-values';
import { DomainConfiguration } from '../../domains/domain-configuration.entity';
import { subjectColumns } from '../subject-columns';
import { plus } from './erasure-progress';
import { type ErasureRun } from './erasure-run';

/** What examples made of the subject's rows are called. */
const namesSchema = z.strictObject({ ids: z.array(z.string()), lines: z.array(z.string()) });

/** A file without the subject. */
interface Cleaned {
  readonly sha256: string;
  readonly bytes: number;
  readonly rows: number;
  readonly brokenLines: number;
  /** Null where no row is left. */
  readonly values: Partial<Dataset> | null;
}

/** Writes the files of all datasets again that hold rows of the subject, one after the other. */
export async function eraseDatasets(run: ErasureRun): Promise<void> {
  const { database, request, lease, signal } = run;
  const { tenantId, domains } = request;
  let { searched, cleanedAt } = await lease.step((_scope, progress) => Promise.resolve(progress));
  const ready = await database.inTenant(tenantId, (scope) =>
    scope.query<{ id: string; sha256: string }>(
      `SELECT id, sha256 FROM datasets WHERE tenant_id = $1 AND kind = ANY ($2) AND state = 'READY' ORDER BY created_at, id`,
      [tenantId, domains],
    ),
  );
  let isChanged = cleanedAt === null;
  for (const { id, sha256 } of ready) {
    signal.throwIfAborted();
    if (searched.includes(`${id} ${sha256}`)) continue;
    const before = searched;
    ({ searched } = await eraseFrom(run, id, sha256));
    isChanged ||= searched.length > before.length + 1;
  }
  if (isChanged)
    ({ cleanedAt } = await lease.step((_scope, progress) =>
      Promise.resolve({ ...progress, cleanedAt: new Date().toISOString() }),
    ));
}

async function eraseFrom(run: ErasureRun, datasetId: string, sha256: string) {
  const { database, request, store, lease } = run;
  const { dataset, columns, spec } = await database.inTenant(request.tenantId, async (scope) => {
    const dataset = await scope.repository(Dataset).getOrThrow(datasetId);
    const current = await scope
      .repository(DomainConfiguration)
      .findOne({ kind: dataset.kind }, { order: { version: 'DESC' } });
    return { dataset, columns: await subjectColumns(scope, dataset), spec: current?.featureSpec ?? null };
  });
  const looked = `${datasetId} ${sha256}`;
  if (columns.subjects.length === 0)
    return lease.step((_scope, progress) =>
      Promise.resolve({ ...progress, searched: [...progress.searched, looked] }),
    );
  const folder = await mkdtemp(path.join(run.workDirectory, 'dataset-'));
  try {
    const cleaned = await clean(run, { dataset, columns, spec, folder });
    return await lease.step(async (scope, progress) => {
      if (!cleaned) return { ...progress, searched: [...progress.searched, looked] };
      const { rows, brokenLines, values } = cleaned;
      await scope.repository(Dataset).update(
        { id: datasetId },
        {
          ...(values ?? nothingLeft()),
          receivedSha256: dataset.receivedSha256 ?? dataset.sha256,
          receivedBytes: dataset.receivedBytes ?? dataset.bytes,
          uploadedAt: dataset.uploadedAt,
        },
      );
      await pointEntities(scope, { datasetId, sha256: cleaned.sha256 });
      await forgetTexts(scope, datasetId);
      const profiles = await profilesOf(scope, datasetId);
      for (const { id } of profiles) await scope.repository(DatasetProfileRecord).delete({ id });
      const made = profiles.flatMap((profile) => [profile.sha256, profile.quarantineSha256 ?? '']);
      const { garbage, searched, datasets } = progress;
      return {
        ...plus(progress, { DATASET_ROWS: rows, BROKEN_LINES: brokenLines }),
        datasets: [...datasets, { datasetId, domain: dataset.kind, rows, brokenLines }],
        searched: [...searched, looked, `${datasetId} ${cleaned.sha256}`],
        garbage: [...garbage, sha256, ...made.filter((digest) => digest !== '')],
      };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }

  async function clean(
    { subject, signal }: ErasureRun,
    view: {
      readonly dataset: Dataset;
      readonly columns: Awaited<ReturnType<typeof subjectColumns>>;
      readonly spec: DomainConfiguration['featureSpec'] | null;
      readonly folder: string;
    },
  ): Promise<Cleaned | null> {
    const target = path.join(view.folder, 'dataset');
    const isMeant = (id: string) => id.trim() === subject.trim();
    const format = view.dataset.format ?? undefined;
    const found = await withRowsOf(
      {
        path: await store.localPath(sha256),
        workDirectory: view.folder,
        threads: 1,
        format,
        signal,
        columns: view.columns,
      },
      isMeant,
      async (file, rows) => {
        if (rows.records.length === 0 && file.scan.quarantine.count === 0) return null;
        const removed = await writeWithout(file, { rows, columns: view.columns, isMeant, target });
        if (removed.rows === 0 && removed.brokenLines === 0) return null;
        await store.putNamed(
          namesOf(request.id, datasetId),
          Buffer.from(JSON.stringify({ ids: [...rows.ids], lines: [...rows.lines] })),
        );
        return { ...removed, left: file.scan.records - removed.rows };
      },
    );
    if (!found) return null;
    const { left, ...removed } = found;
    if (left === 0) return { ...removed, sha256: '', bytes: 0, values: null };
    const object = await store.put(createReadStream(target));
    return { ...removed, ...object, values: await valuesOf(object) };

    async function valuesOf(object: {
      readonly sha256: string;
      readonly bytes: number;
    }): Promise<Partial<Dataset>> {
      const { dataset, spec } = view;
      const seen = { sha256: object.sha256, bytes: (await stat(target)).size };
      try {
        if (spec)
          return readyValues({
            ...seen,
            inspection: await inspectUpload(target, specOfDataset(spec, dataset), {
              workDirectory: view.folder,
              threads: 1,
              ...fileOptions(spec, dataset),
              format,
              signal,
            }),
          });
      } catch (error) {
        if (!(error instanceof AppError) || error.code === 'UNAVAILABLE') throw error;
      }
      // The configuration does not fit the file any more: what is known without one.
      const rowCount =
        dataset.rowCount === null ? null : dataset.rowCount - removed.rows - removed.brokenLines;
      return { ...seen, rowCount, columnSketches: null, quarantineSample: [] };
    }
  }
}

/** What the rows of the subject in a dataset were called, as far as it was written again. */
export async function removedNames(
  { store, request }: ErasureRun,
  datasetId: string,
): Promise<z.infer<typeof namesSchema>> {
  const bytes = await store.getNamed(namesOf(request.id, datasetId));
  if (!bytes)
    throw new AppError('UNAVAILABLE', `the names of the rows of dataset ${datasetId} are not readable`);
  return namesSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
}

export const namesOf = (requestId: string, datasetId: string): string => `erasures/${requestId}/${datasetId}`;

function nothingLeft(): Partial<Dataset> {
  const message = 'All its rows were of subjects that were erased since: send another file.';
  return {
    state: 'REJECTED',
    sha256: null,
    bytes: null,
    rowCount: null,
    columns: null,
    columnSketches: null,
    quarantinedCount: null,
    quarantineSample: null,
    rejection: { code: 'INVALID_DATA', message, issues: [] },
  };
}

/** Those of the dataset, and of rows and events that were joined with it. */
async function profilesOf(scope: TenantScope, datasetId: string): Promise<DatasetProfileRecord[]> {
  const found = await scope.query<{ id: string }>(
    `SELECT id FROM dataset_profiles WHERE tenant_id = $1 AND (dataset_id = $2 OR position(':' || $2::text || ':' IN joined) > 0)`,
    [scope.tenantId, datasetId],
  );
  return scope.repository(DatasetProfileRecord).find({ id: In(found.map(({ id }) => id)) });
}

/** Jobs that wait read the entity's file as it is now. */
async function pointEntities(
  scope: TenantScope,
  { datasetId, sha256 }: { readonly datasetId: string; readonly sha256: string },
): Promise<void> {
  await scope.query(
    `UPDATE jobs SET entities = (
       SELECT jsonb_agg(CASE WHEN e.value ->> 'datasetId' = $2 THEN e.value || jsonb_build_object('sha256', $3::text)
                             ELSE e.value END ORDER BY e.place)
         FROM jsonb_array_elements(entities) WITH ORDINALITY AS e (value, place))
      WHERE tenant_id = $1 AND attempt = 0 AND finished_at IS NULL
        AND entities @> jsonb_build_array(jsonb_build_object('datasetId', $2::text))`,
    [scope.tenantId, datasetId, sha256],
  );
}

/** What messages and proposals quote of the file. */
async function forgetTexts(scope: TenantScope, datasetId: string): Promise<void> {
  await scope.query(
    `UPDATE cleaning_decisions SET proposal = proposal || '{"example": null}' WHERE tenant_id = $1 AND dataset_id = $2`,
    [scope.tenantId, datasetId],
  );
  await scope.query(
    `UPDATE jobs SET cleaning = (SELECT jsonb_agg(c.value || '{"example": null}' ORDER BY c.place)
                                   FROM jsonb_array_elements(cleaning) WITH ORDINALITY AS c (value, place))
      WHERE tenant_id = $1 AND dataset_id = $2 AND jsonb_array_length(cleaning) > 0`,
    [scope.tenantId, datasetId],
  );
  await scope.query(
    `UPDATE jobs SET error_message = $3
      WHERE tenant_id = $1 AND dataset_id = $2 AND finished_at IS NOT NULL AND error_message IS NOT NULL`,
    [scope.tenantId, datasetId, 'What went wrong may have quoted a subject that was erased since.'],
  );
}
