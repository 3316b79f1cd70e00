import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type GraphQLSchema } from 'graphql';
import { type GraphqlContext } from '../../graphql/context';
import { isDefect, shapeError } from '../../graphql/shape-error';
import { type Logger } from '../../platform/telemetry/logger';
import { type RequestContext } from '../../platform/tenancy/request-context';

export interface GraphqlEndpoint {
  readonly schema: GraphQLSchema;
  readonly contextOf: (request: RequestContext) => GraphqlContext;
  readonly logger: Logger;
  /** The schema stays inside: no introspection, no suggestions in error messages. */
  readonly production: boolean;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, on the GraphQL endpoint. */
    context: RequestContext | null;
  }
}

/** `POST /graphql`. Without a valid key nothing is executed, not even introspection. */
export async function registerGraphql(
  http: FastifyInstance,
  { schema, contextOf, logger, production }: GraphqlEndpoint,
): Promise<void> {
  const apollo = new ApolloServer<GraphqlContext>({
    schema,
    introspection: !production,
    hideSchemaDetailsFromClientErrors: production,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    logger,
    formatError: (_formatted, error) => shapeError(error, null),
    plugins: [ApolloServerPluginLandingPageDisabled(), namesRequests(logger)],
  });
  await apollo.start();
  http.addHook('onClose', () => apollo.stop());
  http.decorateRequest('context', null);
  http.post('/graphql', {
    config: { graphql: true },
    preParsing: async (request) => {
      request.context = await http.identify(request);
    },
    handler: fastifyApolloHandler(apollo, {
      context: (request: FastifyRequest) => Promise.resolve(contextOf(identityOf(request))),
    }),
  });
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
        willSendResponse: ({ response: { body }, contextValue: { requestId } }) => {
          if (body.kind === 'single' && body.singleResult.errors) {
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
