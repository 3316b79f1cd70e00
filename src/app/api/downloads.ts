import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type FastifyInstance, type FastifyReply } from 'fastify';
import { AppError } from '../../errors';
import { uuidArgument } from '../../graphql/uuid-argument';
import { requireRole, requireTenant } from '../../platform/tenancy/request-context';
import { type DatasetProfilesService } from '../../services/datasets/dataset-profiles.service';
import { type DatasetsService } from '../../services/datasets/datasets.service';
import { type ModelsService } from '../../services/models/models.service';
import { type BatchScoringService } from '../../services/scoring/batch-scoring.service';
import { datasetFile } from './dataset-file';

interface DownloadRoute {
  Params: { id: string };
}

interface FileAnswer {
  readonly path: string;
  readonly sha256: string;
  readonly name: string;
  readonly type: string;
}

const SCORE_TYPES = {
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
} as const;

/** Datasets, artifacts, held-out predictions and scores as files. */
export function registerDownloads(
  http: FastifyInstance,
  {
    datasets,
    profiles,
    models,
    scorings,
  }: {
    datasets: DatasetsService;
    profiles: DatasetProfilesService;
    models: ModelsService;
    scorings: BatchScoringService;
  },
): void {
  http.get<DownloadRoute>('/downloads/datasets/:id', async (request, reply) => {
    const ctx = await http.identify(request);
    requireRole(ctx, 'TENANT_ADMIN', 'ANALYST');
    const id = uuidArgument(request.params.id, 'id');
    const { sha256, path, format } = await datasets.localCopy(requireTenant(ctx), id);
    return send(reply, { path, sha256, ...datasetFile(id, format) });
  });

  http.get<DownloadRoute>('/downloads/datasets/:id/quarantine.csv', async (request, reply) => {
    const ctx = await http.identify(request);
    requireRole(ctx, 'TENANT_ADMIN', 'ANALYST');
    const id = uuidArgument(request.params.id, 'id');
    const file = await profiles.quarantine(requireTenant(ctx), id);
    if (!file)
      throw new AppError(
        'UNAVAILABLE',
        'The file is being read: ask again in a few seconds, as Dataset.quarantine says.',
      );
    return send(reply, { ...file, name: `quarantine-${id}.csv`, type: 'text/csv; charset=utf-8' });
  });

  for (const extension of ['csv', 'parquet'] as const)
    http.get<DownloadRoute>(`/downloads/scorings/:id/scores.${extension}`, async (request, reply) => {
      const ctx = await http.identify(request);
      requireRole(ctx, 'TENANT_ADMIN', 'ANALYST');
      const id = uuidArgument(request.params.id, 'id');
      const file = await scorings.localCopy(requireTenant(ctx), id, 'scores');
      if (file?.format.toLowerCase() !== extension)
        throw new AppError('NOT_FOUND', 'The scores were asked for in another format.');
      return send(reply, { ...file, name: `scores-${id}.${extension}`, type: SCORE_TYPES[extension] });
    });

  http.get<DownloadRoute>('/downloads/scorings/:id/quarantine.csv', async (request, reply) => {
    const ctx = await http.identify(request);
    requireRole(ctx, 'TENANT_ADMIN', 'ANALYST');
    const id = uuidArgument(request.params.id, 'id');
    const file = await scorings.localCopy(requireTenant(ctx), id, 'quarantine');
    if (!file) throw new AppError('NOT_FOUND', 'Nothing was quarantined.');
    return send(reply, { ...file, name: `quarantine-${id}.csv`, type: SCORE_TYPES.csv });
  });

  http.get<DownloadRoute>('/downloads/model-versions/:id/artifact.onnx', async (request, reply) => {
    const ctx = await http.identify(request);
    requireRole(ctx, 'TENANT_ADMIN', 'ANALYST', 'SERVICE');
    const id = uuidArgument(request.params.id, 'id');
    const file = await models.localCopy(requireTenant(ctx), id, 'artifact');
    return send(reply, { ...file, name: `model-${id}.onnx`, type: 'application/octet-stream' });
  });

  http.get<DownloadRoute>('/downloads/model-versions/:id/predictions.csv', async (request, reply) => {
    const ctx = await http.identify(request);
    requireRole(ctx, 'TENANT_ADMIN', 'ANALYST');
    const id = uuidArgument(request.params.id, 'id');
    const file = await models.localCopy(requireTenant(ctx), id, 'predictions');
    return send(reply, { ...file, name: `predictions-${id}.csv`, type: 'text/csv; charset=utf-8' });
  });
}

async function send(reply: FastifyReply, { path, sha256, name, type }: FileAnswer): Promise<FastifyReply> {
  const etag = `"${sha256}"`;
  if (reply.request.headers['if-none-match'] === etag) return reply.code(304).send();
  const { size } = await stat(path);
  return reply
    .headers({
      'content-type': type,
      'content-length': size,
      'content-disposition': `attachment; filename="${name}"`,
      'content-digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
      etag,
      'cache-control': 'private, no-cache',
      'x-content-type-options': 'nosniff',
    })
    .send(createReadStream(path));
}
