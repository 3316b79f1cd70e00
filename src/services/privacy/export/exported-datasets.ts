import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  readSubjectRows,
  type RowsOfSubjects,
  withRowsOf,
} from '../../../learning/preparation/erasure/find-rows';
import { Dataset } from '../../datasets/dataset.entity';
import { FIELDS, readHeldOut } from '../../models/held-out-records';
import { ModelVersion } from '../../models/model-version.entity';
import { subjectColumns } from '../subject-columns';
import { type ExportedRecord, type ExportRun } from './export-subject';

/** The subject's rows in all datasets, and what the models that were trained on them said of them. */
export async function* exportedDatasets(run: ExportRun): AsyncGenerator<ExportedRecord> {
  const { database, request, signal } = run;
  const ready = await database.inTenant(request.tenantId, (scope) =>
    scope.query<{ id: string }>(
      `SELECT id FROM datasets WHERE tenant_id = $1 AND kind = ANY ($2) AND state = 'READY' ORDER BY created_at, id`,
      [request.tenantId, request.domains],
    ),
  );
  for (const { id } of ready) {
    signal.throwIfAborted();
    const { dataset, columns } = await database.inTenant(request.tenantId, async (scope) => {
      const dataset = await scope.repository(Dataset).getOrThrow(id);
      return { dataset, columns: await subjectColumns(scope, dataset) };
    });
    if (columns.subjects.length === 0) continue;
    const found = await rowsOf(run, dataset, columns);
    const { kind: domain, name } = dataset;
    for (const { line, values } of found.values)
      yield { kind: 'DATASET_ROW', domain, datasetId: id, dataset: name, line, values };
    if (found.rows.records.length > 0) yield* heldOut(run, id, found.rows);
  }
}

async function rowsOf(
  { store, subject, workDirectory, signal }: ExportRun,
  { sha256, format }: Dataset,
  columns: Awaited<ReturnType<typeof subjectColumns>>,
) {
  const folder = await mkdtemp(path.join(workDirectory, 'dataset-'));
  try {
    return await withRowsOf(
      {
        path: await store.localPath(sha256 ?? ''),
        workDirectory: folder,
        threads: 1,
        format: format ?? undefined,
        signal,
        columns,
      },
      (id) => id.trim() === subject.trim(),
      async (file, rows) => ({ rows, values: await readSubjectRows(file, { rows, columns }) }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* heldOut(
  { database, request, store }: ExportRun,
  datasetId: string,
  { ids, lines }: RowsOfSubjects,
): AsyncGenerator<ExportedRecord> {
  const versions = await database.inTenant(request.tenantId, async (scope) => {
    const rows = await scope.query<{ id: string }>(
      `SELECT v.id FROM model_versions v JOIN jobs j ON j.tenant_id = v.tenant_id AND j.id = v.run_id
        WHERE v.tenant_id = $1 AND j.dataset_id = $2 AND (v.retired_at IS NULL OR v.serves_until_replaced)`,
      [scope.tenantId, datasetId],
    );
    const found: ModelVersion[] = [];
    for (const { id } of rows) found.push(await scope.repository(ModelVersion).getOrThrow(id));
    return found;
  });
  for (const { id, kind, number, featureSpec, predictionsSha256 } of versions) {
    const names = featureSpec.idColumn === undefined ? lines : ids;
    const own: ExportedRecord[] = [];
    await readHeldOut(await store.localPath(predictionsSha256), ({ features }) => (fields) => {
      if (!names.has(fields[FIELDS.id] ?? '')) return;
      own.push({
        kind: 'HELD_OUT_PREDICTION',
        domain: kind,
        ...{ modelVersionId: id, number, part: fields[FIELDS.part], exampleId: fields[FIELDS.id] },
        ...{ label: Number(fields[FIELDS.label]), probability: Number(fields[FIELDS.probability]) },
        features: Object.fromEntries(
          features.map((name, place) => [name, fields[FIELDS.firstFeature + place] ?? '']),
        ),
      });
    });
    yield* own;
  }
}
