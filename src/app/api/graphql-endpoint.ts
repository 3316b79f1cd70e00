import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type GraphQLSchema } from 'graphql';
import { AppError, ERROR_STATUS } from '../../errors';
import { type GraphqlContext } from '../../graphql/context';
import { type OperationGate } from '../../graphql/limits/operation-gate';
import { asRequestError, isDefect, shapeError } from '../../graphql/shape-error';
import { type Logger } from '../../platform/telemetry/logger';
import { type Rate } from '../../platform/tenancy/rate-limiter';
import { type RequestContext } from '../../platform/tenancy/request-context';
import { startDeadline } from './deadline';
import { type PersistedOperations } from './persisted-operations';

export interface GraphqlEndpoint {
  readonly schema: GraphQLSchema;
  readonly gate: OperationGate;
  readonly persisted: PersistedOperations;
  readonly contextOf: (request: RequestContext) => GraphqlContext;
  readonly logger: Logger;
  /** Whether clients may learn the schema: by introspection, and by suggestions in error messages. */
  readonly openSchema: boolean;
  readonly timeoutMs: number;
}

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

/** What the operation costs at most. */
export const OPERATION_COST_HEADER = 'x-operation-cost';

/** `POST /graphql`. Without a valid key nothing is executed, not even introspection. */
export async function registerGraphql(
  http: FastifyInstance,
  { schema, gate, persisted, contextOf, logger, openSchema, timeoutMs }: GraphqlEndpoint,
): Promise<void> {
  const apollo = new ApolloServer<GraphqlContext>({
    schema,
    introspection: openSchema,
    hideSchemaDetailsFromClientErrors: !openSchema,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    // A document with many mistakes is not worth many errors.
    validationOptions: { maxErrors: MAX_VALIDATION_ERRORS },
    // Clients cannot have documents remembered.
    persistedQueries: false,
    stopOnTerminationSignals: false,
    logger,
    formatError: (_formatted, error) => shapeError(error, null, { suggestions: openSchema }),
    plugins: [ApolloServerPluginLandingPageDisabled(), namesRequests(logger), weighsOperations(gate)],
  });
  await apollo.start();
  http.addHook('onClose', () => apollo.stop());
  http.decorateRequest('context', null);
  http.decorateRequest('deadline', null);
  http.post('/graphql', {
    config: { graphql: true },
    preParsing: async (request, reply) => {
      request.deadline = startDeadline(reply, timeoutMs);
      request.context = await http.identify(request);
    },
    preHandler: (request, _reply, done) => {
      const source = persisted.resolve(request.body);
      // What is no operation at all is told so by Apollo Server.
      if (source !== null) {
        gate.parse(source);
        request.body = withDocument(request.body as Record<string, unknown>, source);
      }
      done();
    },
    handler: fastifyApolloHandler(apollo, {
      context: (request: FastifyRequest) =>
        Promise.resolve({
          ...contextOf(identityOf(request)),
          take: (rate: Rate, amount: number) => request.rates?.take(rate, amount) ?? Promise.resolve(),
          signal: request.deadline,
        }),
    }),
  });
}

/** The request with its document in place of what names it. */
function withDocument(
  { documentId: _id, extensions, ...body }: Record<string, unknown>,
  query: string,
): Record<string, unknown> {
  if (extensions === undefined) return { ...body, query };
  // Apollo Server says what is wrong with extensions of another form.
  if (typeof extensions !== 'object' || extensions === null || Array.isArray(extensions))
    return { ...body, extensions, query };
  return { ...body, extensions: { ...extensions, persistedQuery: undefined }, query };
}

function identityOf({ context }: FastifyRequest): RequestContext {
  if (!context) throw new Error('the GraphQL endpoint was reached without authentication');
  return context;
}

/** Puts the request's id into every error, and every defect into the log. */
function namesRequests(logger: Logger): ApolloServerPlugin<GraphqlContext> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didEncounterErrors: ({ errors, contextValue: { requestId, actor } }) => {
          for (const error of errors.filter(isDefect)) {
            logger.error({ err: error, requestId, tenantId: actor.tenantId }, 'an operation failed');
          }
          return Promise.resolve();
        },
        willSendResponse: ({ response: { body, http }, contextValue: { requestId } }) => {
          if (body.kind === 'single' && body.singleResult.errors) {
            const { data, errors } = body.singleResult;
            const isLimited = errors.some(({ extensions }) => extensions?.['code'] === 'RATE_LIMITED');
            if (data == null && isLimited) http.status = ERROR_STATUS.RATE_LIMITED;
            body.singleResult.errors = body.singleResult.errors.map((error) => ({
              ...error,
              extensions: { ...error.extensions, requestId },
            }));
          }
          return Promise.resolve();
        },
      }),
  };
}

/** Executes nothing that is dearer than the limit, and says what everything costs. */
function weighsOperations(gate: OperationGate): ApolloServerPlugin<GraphqlContext> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation: ({ document, operation, request, response }) => {
          if (!operation) return Promise.resolve();
          try {
            const cost = gate.cost({ document, definition: operation, variables: request.variables ?? {} });
            if (cost !== null) response.http.headers.set(OPERATION_COST_HEADER, String(cost));
            return Promise.resolve();
          } catch (error) {
            const cost = error instanceof AppError ? error.details['cost'] : undefined;
            if (cost !== undefined) response.http.headers.set(OPERATION_COST_HEADER, String(cost));
            return Promise.reject(asRequestError(error));
          }
        },
      }),
  };
}
