import { type FastifyError, type FastifyInstance } from 'fastify';
import { AppError, ERROR_STATUS, type ErrorCode, type Issue } from '../../errors';
import { maskOf } from '../../graphql/shape-error';
import { type Logger } from '../../platform/telemetry/logger';

/** How the HTTP routes outside GraphQL answer when they cannot do what was asked. */
export interface HttpErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly issues: readonly Issue[];
  readonly requestId: string;
}

/**
 * Gives every error of every route one form: JSON with a code of the closed table. Errors of the GraphQL endpoint
 * that come before GraphQL, such as a missing key, have the form that GraphQL clients read.
 */
export function registerErrors(http: FastifyInstance, logger: Logger): void {
  http.setNotFoundHandler((request, reply) => {
    const message = `There is nothing at ${request.method} ${request.url.split('?')[0] ?? ''}; the API is at POST /graphql.`;
    return reply.code(404).send(bodyOf(new AppError('NOT_FOUND', message), request.id));
  });
  http.setErrorHandler<FastifyError>((error, request, reply) => {
    const known = translate(error, http.initialConfig.bodyLimit ?? null);
    if (maskOf(known.code) !== null) {
      // What is asked for stands behind the question mark, and may name anybody.
      const path = request.url.split('?')[0];
      logger.error({ err: error, requestId: request.id, path }, 'a request failed');
    }
    const body = bodyOf(known, request.id);
    const status =
      known.cause === error ? (error.statusCode ?? ERROR_STATUS[known.code]) : ERROR_STATUS[known.code];
    void reply.code(status).type('application/json; charset=utf-8');
    return reply.send(request.routeOptions.config.graphql === true ? graphqlForm(body, known.details) : body);
  });
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Errors have the form that GraphQL clients read. */
    graphql?: boolean;
  }
}

/** @param bodyLimit in bytes, as far as it is known */
function translate(error: FastifyError, bodyLimit: number | null): AppError {
  if (error instanceof AppError) return error;
  const status = error.statusCode ?? 500;
  if (status === 413) {
    const limit = bodyLimit === null ? 'what' : `the ${bodyLimit} bytes that`;
    const message = `The request is larger than ${limit} this server accepts: send fewer inputs at once, or shorter histories.`;
    return new AppError('PAYLOAD_TOO_LARGE', message, [], { cause: error });
  }
  if (status >= 400 && status < 500)
    return new AppError('BAD_USER_INPUT', error.message, [], { cause: error });
  if (status === 503)
    return new AppError('UNAVAILABLE', 'The server is ending: try again soon.', [], { cause: error });
  return new AppError('INTERNAL_SERVER_ERROR', error.message);
}

function bodyOf({ code, message, issues }: AppError, requestId: string): HttpErrorBody {
  return { code, message: maskOf(code) ?? message, issues, requestId };
}

function graphqlForm(
  { code, message, issues, requestId }: HttpErrorBody,
  details: AppError['details'],
): object {
  const extensions = { code, ...(issues.length > 0 && { issues }), ...details, requestId };
  return { errors: [{ message, extensions }] };
}
