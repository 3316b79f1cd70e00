import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type FastifyInstance } from 'fastify';
import { uuidArgument } from '../../graphql/uuid-argument';
import { requireRole, requireTenant } from '../../platform/tenancy/request-context';
import { type SubjectRequestsService } from '../../services/privacy/subject-requests.service';

interface ExportRoute {
  Params: { id: string };
}

/** Everything about a subject as a file. No cache may keep it. */
export function registerExportDownload(
  http: FastifyInstance,
  { subjectRequests }: { readonly subjectRequests: SubjectRequestsService },
): void {
  http.get<ExportRoute>('/downloads/subject-requests/:id/export.jsonl', async (request, reply) => {
    const ctx = await http.identify(request);
    requireRole(ctx, 'TENANT_ADMIN');
    const id = uuidArgument(request.params.id, 'id');
    const { path } = await subjectRequests.localCopy(requireTenant(ctx), id);
    const { size } = await stat(path);
    return reply
      .headers({
        'content-type': 'application/jsonl; charset=utf-8',
        'content-length': size,
        'content-disposition': `attachment; filename="export-${id}.jsonl"`,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      })
      .send(createReadStream(path));
  });
}
