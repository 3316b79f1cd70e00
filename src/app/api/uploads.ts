import { type IncomingMessage } from 'node:http';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { uuidArgument } from '../../graphql/uuid-argument';
import { requireRole, requireTenant } from '../../platform/tenancy/request-context';
import { type Dataset } from '../../services/datasets/dataset.entity';
import { type DatasetsService } from '../../services/datasets/datasets.service';
import { type Upload } from '../../services/datasets/receive-upload';
import { announcedDigest } from './announced-digest';

/** How long a refused sender may go on sending before its connection is cut. */
const LINGER_MS = 5_000;

interface UploadRoute {
  Params: { id: string };
}

/**
 * `PUT /uploads/datasets/:id`: the body is the file. Answers with the dataset's summary, or with what is wrong.
 *
 * A sender that asks first (`Expect: 100-continue`, as curl does) is refused before it has sent anything.
 */
export function registerUploads(http: FastifyInstance, datasets: DatasetsService): void {
  http.server.on('checkContinue', (request, response) => {
    // An upload is told to go on once the route has found nothing against it.
    if (request.url?.startsWith('/uploads/') !== true) response.writeContinue();
    http.routing(request, response);
  });
  void http.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, parsed) => {
      parsed(null);
    });
    scope.put<UploadRoute>('/uploads/datasets/:id', async (request, reply) => {
      try {
        const ctx = await http.identify(request);
        requireRole(ctx, 'TENANT_ADMIN');
        const id = uuidArgument(request.params.id, 'id');
        return summary(await datasets.upload(requireTenant(ctx), id, uploadOf(request, reply)));
      } catch (error) {
        linger(request.raw);
        throw error;
      }
    });
    done();
  });
}

function uploadOf({ raw, headers }: FastifyRequest<UploadRoute>, reply: FastifyReply): Upload {
  const length = headers['content-length'];
  return {
    open: () => {
      if (headers.expect?.toLowerCase() === '100-continue') reply.raw.writeContinue();
      // The file is here: now the sender waits for us, and its silence is no reason to hang up.
      raw.once('end', () => raw.socket.setTimeout(0));
      return raw;
    },
    bytes: length === undefined ? null : Number(length),
    sha256: announcedDigest(headers),
  };
}

/** Reads on for a while after a refusal, so that the sender gets to see it, and then cuts the connection. */
function linger(raw: IncomingMessage): void {
  if (raw.readableEnded || raw.destroyed) return;
  const timer = setTimeout(() => raw.destroy(), LINGER_MS);
  timer.unref();
  raw.once('close', () => {
    clearTimeout(timer);
  });
  raw.resume();
}

function summary(dataset: Dataset): object {
  const { id, kind, name, state, sha256, bytes, format, rowCount, columns } = dataset;
  const { quarantinedCount, quarantineSample, uploadedAt } = dataset;
  return {
    id,
    kind,
    name,
    state,
    sha256,
    bytes,
    format,
    rowCount,
    columns,
    quarantinedCount,
    quarantineSample,
    uploadedAt,
  };
}
