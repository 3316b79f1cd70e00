import { type FastifyInstance } from 'fastify';
import { remoteSpan, type Span, startSpan, within } from '../../platform/telemetry/tracing';

declare module 'fastify' {
  interface FastifyRequest {
    /** The request in the trace; null where it is not traced. */
    span: Span | null;
  }
  interface FastifyContextConfig {
    /** Its requests are not traced. */
    untraced?: boolean;
  }
}

/**
 * Traces every request from its headers to the end of its answer, as a part of the caller's trace when there is a
 * `traceparent`. Of the address only the route is told: paths hold the names and keys of what is asked for.
 */
export function registerTracing(http: FastifyInstance): void {
  http.decorateRequest('span', null);
  http.addHook('onRequest', (request, reply, done) => {
    const { method, headers, routeOptions } = request;
    if (routeOptions.config.untraced === true) {
      done();
      return;
    }
    const route = routeOptions.url ?? 'none';
    const { traceparent } = headers;
    const span = startSpan(`${method} ${route}`, {
      kind: 'server',
      parent: remoteSpan(typeof traceparent === 'string' ? traceparent : null),
      attributes: {
        'http.request.method': method,
        'http.route': route,
        'propensity.request.id': request.id,
      },
    });
    request.span = span;
    reply.raw.once('close', () => {
      if (!span) return;
      const { statusCode } = reply;
      span.set({
        'http.response.status_code': statusCode,
        'propensity.tenant.id': request.tenantId ?? undefined,
      });
      if (!reply.raw.writableFinished) span.fail('ABORTED');
      else if (statusCode >= 500) span.fail(String(statusCode));
      span.end();
    });
    within(span, done);
  });
  // What is done once the body is there no longer belongs to what was begun before it came.
  http.addHook('preHandler', (request, _reply, done) => within(request.span, done));
}
