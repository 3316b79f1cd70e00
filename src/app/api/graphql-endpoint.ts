import { ApolloServer, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type GraphQLSchema } from 'graphql';
import { type GraphqlContext } from '../../graphql/context';
import { type OperationGate } from '../../graphql/limits/operation-gate';
import { shapeError } from '../../graphql/shape-error';
import { type Logger } from '../../platform/telemetry/logger';
import { traced } from '../../platform/telemetry/tracing';
import { type Rate } from '../../platform/tenancy/rate-limiter';
import { type RequestContext } from '../../platform/tenancy/request-context';
import { startDeadline } from './deadline';
import { readGraphqlRequest } from './graphql/graphql-request';
import { KnownOperations } from './graphql/known-operations';
import { MeasuredDocuments } from './graphql/measured-documents';
import { type FindOperation, scanRequest } from './graphql/scan-request';
import { operationPlugin } from './graphql/operation-plugin';
import { type PersistedOperations } from './persisted-operations';

export interface GraphqlEndpoint {
  readonly schema: GraphQLSchema;
  readonly gate: OperationGate;
  readonly persisted: PersistedOperations;
  readonly contextOf: (request: RequestContext, extras?: ContextExtras) => GraphqlContext;
  readonly logger: Logger;
  /** Whether clients may learn the schema: by introspection, and by suggestions in error messages. */
  readonly openSchema: boolean;
  readonly timeoutMs: number;
  /** From which execution on an operation is compiled. */
  readonly compileAt?: number | undefined;
}

/** What a request has beside who asks. */
export type ContextExtras = Pick<GraphqlContext, 'take' | 'signal'>;

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, on the GraphQL endpoint. */
    context: RequestContext | null;
    /** Aborted when nobody waits for the answer any more, on the GraphQL endpoint. */
    deadline: AbortSignal | null;
  }
}

/** Most that is said of a document that is not valid. */
export const MAX_VALIDATION_ERRORS = 5;

/** What an answer can be; Apollo Server itself asks only once it has executed. */
const ACCEPTABLE = /(^|[\s,])(\*\/\*|application\/(\*|json|graphql-response\+json))\s*(;|,|$)/i;

/** `POST /graphql`. Without a valid key nothing is executed, not even introspection. */
export async function registerGraphql(http: FastifyInstance, endpoint: GraphqlEndpoint): Promise<void> {
  const { schema, gate, persisted, contextOf, logger, openSchema, timeoutMs } = endpoint;
  const shape = (error: unknown) => shapeError(error, null, { suggestions: openSchema });
  const documents = new MeasuredDocuments(gate);
  const operations = new KnownOperations(endpoint);
  const apollo = new ApolloServer<GraphqlContext>({
    schema,
    introspection: openSchema,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    // A document with many mistakes is not worth many errors.
    validationOptions: { maxErrors: MAX_VALIDATION_ERRORS },
    // Clients cannot have documents remembered.
    persistedQueries: false,
    stopOnTerminationSignals: false,
    logger,
    formatError: (_formatted, error) => shape(error),
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      // It would put itself before every resolver.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      operationPlugin({ operations, logger, shape }),
    ],
  });
  await apollo.start();
  http.addHook('onClose', () => apollo.stop());
  parseGraphqlBodies(http, (envelope) => {
    const source = persisted.known(envelope);
    return source === null ? null : operations.scannable(source, envelope['operationName']);
  });
  http.decorateRequest('context', null);
  http.decorateRequest('deadline', null);
  http.post('/graphql', {
    config: { graphql: true },
    preParsing: async (request, reply) => {
      request.deadline = startDeadline(reply, timeoutMs);
      request.context = await http.identify(request);
    },
    preHandler: (request, _reply, done) => {
      const { accept } = request.headers;
      if (accept !== undefined && !ACCEPTABLE.test(accept)) throw new NotAcceptable();
      const asked = readGraphqlRequest(request.body, persisted.resolve(request.body));
      documents.admit(asked.query);
      request.body = asked;
      done();
    },
    handler: async (request, reply) => {
      const { status, headers, body } = await traced('graphql', {}, () =>
        apollo.executeHTTPGraphQLRequest({
          httpGraphQLRequest: { method: 'POST', headers: headersOf(request), search: '', body: request.body },
          context: () =>
            Promise.resolve(
              contextOf(identityOf(request), {
                take: (rate: Rate, amount: number) => request.rates?.take(rate, amount) ?? Promise.resolve(),
                signal: request.deadline,
              }),
            ),
        }),
      );
      if (body.kind !== 'complete') throw new Error('an answer in parts, which nothing can ask for');
      void reply.code(status ?? 200).headers(Object.fromEntries(headers));
      return body.string;
    },
  });
}

/** JSON as Fastify parses it; of requests to this endpoint, what can be is scanned. */
function parseGraphqlBodies(http: FastifyInstance, find: FindOperation): void {
  const parse = http.getDefaultJsonParser('error', 'error');
  http.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const scanned = request.routeOptions.config.graphql === true ? scanRequest(body, find) : null;
    if (scanned) done(null, scanned);
    else void parse(request, body.toString(), done);
  });
}

/** Those that Apollo Server asks for. */
function headersOf({ headers }: FastifyRequest): HeaderMap {
  const read = new HeaderMap([['content-type', headers['content-type'] ?? '']]);
  if (headers.accept !== undefined) read.set('accept', headers.accept);
  return read;
}

class NotAcceptable extends Error {
  readonly statusCode = 406;

  constructor() {
    super('Answers are application/json or application/graphql-response+json: accept one of them.');
  }
}

function identityOf({ context }: FastifyRequest): RequestContext {
  if (!context) throw new Error('the GraphQL endpoint was reached without authentication');
  return context;
}
