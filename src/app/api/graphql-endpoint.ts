import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type ExecutionResult, GraphQLError, type GraphQLSchema, OperationTypeNode } from 'graphql';
import { AppError, ERROR_STATUS } from '../../errors';
import { type GraphqlContext } from '../../graphql/context';
import { type OperationGate } from '../../graphql/limits/operation-gate';
import { isDefect, shapeError } from '../../graphql/shape-error';
import { type Logger } from '../../platform/telemetry/logger';
import { type Rate } from '../../platform/tenancy/rate-limiter';
import { type RequestContext } from '../../platform/tenancy/request-context';
import { startDeadline } from './deadline';
import { readGraphqlRequest } from './graphql/graphql-request';
import { KnownDocument, KnownOperations } from './graphql/known-operations';
import { answerType } from './graphql/media-type';
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

/** What the operation costs at most. */
export const OPERATION_COST_HEADER = 'x-operation-cost';

/** `POST /graphql`. Without a valid key nothing is executed, not even introspection. */
export function registerGraphql(http: FastifyInstance, endpoint: GraphqlEndpoint): void {
  const { persisted, contextOf, timeoutMs } = endpoint;
  const operations = new KnownOperations(endpoint);
  const answers = new Answers(endpoint);
  http.decorateRequest('context', null);
  http.decorateRequest('deadline', null);
  http.post('/graphql', {
    config: { graphql: true },
    preParsing: async (request, reply) => {
      request.deadline = startDeadline(reply, timeoutMs);
      request.context = await http.identify(request);
    },
    handler: async (request, reply) => {
      const context = identityOf(request);
      const type = answerType(request.headers.accept);
      if (type === null) return notAcceptable(reply, context);
      void reply.type(`${type}; charset=utf-8`);
      try {
        const { query, operationName, variables } = readGraphqlRequest(
          request.body,
          persisted.resolve(request.body),
        );
        const document = operations.read(query);
        if (!(document instanceof KnownDocument)) return answers.refuse(reply, context, document);
        const operation = document.operation(operationName);
        if (operation.type === OperationTypeNode.SUBSCRIPTION)
          throw new AppError('BAD_USER_INPUT', SUBSCRIPTION);
        void reply.header(OPERATION_COST_HEADER, operation.cost(variables));
        const result = await operation.execute(
          contextOf(context, {
            take: (rate: Rate, amount: number) => request.rates?.take(rate, amount) ?? Promise.resolve(),
            signal: request.deadline,
          }),
          variables,
        );
        return answers.tell(reply, context, result);
      } catch (error) {
        const cost = error instanceof AppError ? error.details['cost'] : undefined;
        if (cost !== undefined) void reply.header(OPERATION_COST_HEADER, cost);
        return answers.refuse(reply, context, [error]);
      }
    },
  });
}

const SUBSCRIPTION = 'Subscriptions go over a WebSocket at this address, protocol graphql-transport-ws.';

function identityOf({ context }: FastifyRequest): RequestContext {
  if (!context) throw new Error('the GraphQL endpoint was reached without authentication');
  return context;
}

function notAcceptable(reply: FastifyReply, { requestId }: RequestContext): string {
  const message = 'Answers are application/json or application/graphql-response+json: accept one of them.';
  void reply.code(406).type('application/json; charset=utf-8');
  return JSON.stringify({ errors: [shapeError(new AppError('BAD_USER_INPUT', message), requestId)] });
}

/** Writes answers: every error has the request's id, and every defect is in the log. */
class Answers {
  constructor(private readonly endpoint: Pick<GraphqlEndpoint, 'logger' | 'openSchema'>) {}

  /** Of what was not executed. */
  refuse(reply: FastifyReply, context: RequestContext, errors: readonly unknown[]): string {
    const [first] = errors;
    const status = first instanceof GraphQLError ? 400 : ERROR_STATUS.INTERNAL_SERVER_ERROR;
    void reply.code(first instanceof AppError ? ERROR_STATUS[first.code] : status);
    return JSON.stringify({ errors: this.shaped(context, errors) });
  }

  tell(reply: FastifyReply, context: RequestContext, { data, errors }: ExecutionResult): string {
    if (errors === undefined) return JSON.stringify({ data });
    if (data === undefined) return this.refuse(reply, context, errors);
    const shaped = this.shaped(context, errors);
    const isLimited = shaped.some(({ extensions }) => extensions?.['code'] === 'RATE_LIMITED');
    if (data === null && isLimited) void reply.code(ERROR_STATUS.RATE_LIMITED);
    return JSON.stringify({ errors: shaped, data });
  }

  private shaped({ requestId, actor }: RequestContext, errors: readonly unknown[]) {
    const { logger, openSchema } = this.endpoint;
    return errors.map((error) => {
      if (isDefect(error))
        logger.error({ err: error, requestId, tenantId: actor.tenantId }, 'an operation failed');
      return shapeError(error, requestId, { suggestions: openSchema });
    });
  }
}
