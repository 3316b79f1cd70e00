import { type ApolloServerPlugin, type GraphQLRequestContext, HeaderMap } from '@apollo/server';
import {
  type GraphQLError,
  type GraphQLFormattedError,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { AppError, ERROR_STATUS } from '../../../errors';
import { type GraphqlContext } from '../../../graphql/context';
import { asRequestError, isDefect } from '../../../graphql/shape-error';
import { type Logger } from '../../../platform/telemetry/logger';
import { currentSpan } from '../../../platform/telemetry/tracing';
import { type KnownOperations } from './known-operations';
import { tellingErrors } from './telling-errors';
import { withObjects } from './variables-reader';

/** What the operation costs at most. */
export const OPERATION_COST_HEADER = 'x-operation-cost';

const SUBSCRIPTION = 'Subscriptions go over a WebSocket at this address, protocol graphql-transport-ws.';
/** Of an operation, in traces. */
const MAX_NAME = 128;
/** For answers that add nothing to status and headers. */
const PLAIN = { headers: new HeaderMap() };

export interface OperationPluginOptions {
  readonly operations: KnownOperations;
  readonly logger: Logger;
  readonly shape: (error: GraphQLError) => GraphQLFormattedError;
}

/**
 * Executes nothing that is dearer than the limit, and says what everything costs; has operations that come again
 * answered by what was compiled of them; puts the request's id into every error, and every defect into the log.
 */
export function operationPlugin(options: OperationPluginOptions): ApolloServerPlugin<GraphqlContext> {
  const { operations, logger, shape } = options;
  const log = (errors: readonly GraphQLError[], { requestId, actor }: GraphqlContext): void => {
    for (const error of errors.filter(isDefect)) {
      logger.error({ err: error, requestId, tenantId: actor.tenantId }, 'an operation failed');
    }
  };
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation: ({ document, operation, request, response, contextValue }) => {
          // What is no operation is told so by graphql-js.
          if (!operation) return Promise.resolve();
          traceOperation(operation, contextValue);
          try {
            if (operation.operation === OperationTypeNode.SUBSCRIPTION)
              throw new AppError('BAD_USER_INPUT', SUBSCRIPTION);
            const cost = operations.of(document, operation).cost(request.variables ?? {});
            response.http.headers.set(OPERATION_COST_HEADER, String(cost));
            return Promise.resolve();
          } catch (error) {
            const cost = error instanceof AppError ? error.details['cost'] : undefined;
            if (cost !== undefined) response.http.headers.set(OPERATION_COST_HEADER, String(cost));
            return Promise.reject(asRequestError(error));
          }
        },
        responseForOperation: async ({
          schema,
          document,
          operation,
          request,
          contextValue,
        }: GraphQLRequestContext<GraphqlContext>) => {
          if (!document || !operation) return null;
          const result = await operations
            .of(document, operation)
            .answer(contextValue, request.variables ?? {});
          if (result === null) {
            request.variables = { ...withObjects(request.variables ?? {}) };
            return null;
          }
          const { data = null, errors } = result;
          if (!errors) return { http: PLAIN, body: { kind: 'single', singleResult: { data } } };
          const telling = tellingErrors({ schema, document, definition: operation }, errors);
          log(telling, contextValue);
          return {
            http: PLAIN,
            body: { kind: 'single', singleResult: { data, errors: telling.map(shape) } },
          };
        },
        didEncounterErrors: ({ errors, contextValue }) => {
          log(errors, contextValue);
          return Promise.resolve();
        },
        willSendResponse: ({ response: { body, http }, contextValue: { requestId } }) => {
          if (body.kind === 'single' && body.singleResult.errors) {
            const { data, errors } = body.singleResult;
            const code = errors[0]?.extensions?.['code'];
            currentSpan()?.fail(typeof code === 'string' ? code : 'UNKNOWN');
            const isLimited = errors.some(({ extensions }) => extensions?.['code'] === 'RATE_LIMITED');
            if (data == null && isLimited) http.status = ERROR_STATUS.RATE_LIMITED;
            body.singleResult.errors = errors.map((error) => ({
              ...error,
              extensions: { ...error.extensions, requestId },
            }));
          }
          return Promise.resolve();
        },
      }),
  };
}

/** Says which operation it is, and whose: of its arguments and variables nothing. */
function traceOperation(
  { operation: type, name }: OperationDefinitionNode,
  { requestId, actor }: GraphqlContext,
): void {
  const span = currentSpan();
  if (span === null) return;
  span.rename(type);
  span.set({
    'graphql.operation.type': type,
    'graphql.operation.name': name?.value.slice(0, MAX_NAME),
    'propensity.request.id': requestId,
    'propensity.tenant.id': actor.tenantId ?? undefined,
  });
}
