import { type FastifyInstance } from 'fastify';
import { type Metrics } from '../../platform/telemetry/metrics';

/** Counts every request when it is answered. Routes are those that there are: what else is asked for has one name. */
export function registerMetrics(http: FastifyInstance, metrics: Metrics): void {
  http.addHook('onResponse', (request, reply, done) => {
    metrics.request(request.routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime / 1_000);
    if (request.tenantId !== null) metrics.tenantRequest(request.tenantId);
    done();
  });
}
