import { type IncomingMessage } from 'node:http';
import { type Duplex } from 'node:stream';
import { type FastifyInstance } from 'fastify';
import {
  type ExecutionArgs,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  OperationTypeNode,
  parse,
  validate,
} from 'graphql';
import { type SubscribePayload } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { AppError } from '../../errors';
import { type GraphqlContext } from '../../graphql/context';
import { type OperationGate } from '../../graphql/limits/operation-gate';
import { isDefect, shapeError } from '../../graphql/shape-error';
import { type Logger } from '../../platform/telemetry/logger';
import { type RateLimiter } from '../../platform/tenancy/rate-limiter';
import { type RequestContext } from '../../platform/tenancy/request-context';
import { MAX_VALIDATION_ERRORS } from './graphql-endpoint';
import { ConnectionLife, UNAUTHORIZED } from './connection-life';
import { type Credentials, credentialsOf, type Identification } from './identification';
import { requestIdOf } from './identity';
import { type AllowedOrigins, mayConnect } from './origins';
import { type PersistedOperations } from './persisted-operations';
import { RequestRates } from './rates';

/** Largest message from a client: an operation, never data. */
const MAX_MESSAGE_BYTES = 64 * 1024;
/** Subscriptions that one connection may hold at the same time. */
const MAX_SUBSCRIPTIONS = 100;
/** How long a client has to say who it is. */
const INIT_WAIT_MS = 5_000;
/** How long clients get to answer the closing of their connection. */
const CLOSE_MS = 2_000;

export interface SubscriptionEndpoint {
  readonly schema: GraphQLSchema;
  readonly gate: OperationGate;
  readonly persisted: PersistedOperations;
  readonly contextOf: (request: RequestContext) => GraphqlContext;
  readonly identification: Identification;
  readonly limiter: RateLimiter;
  readonly logger: Logger;
  /** Whether error messages may suggest names of the schema. */
  readonly openSchema: boolean;
  readonly origins: AllowedOrigins;
}

interface Connection {
  readonly extra: { readonly request: IncomingMessage };
  readonly connectionParams?: Readonly<Record<string, unknown>>;
  readonly subscriptions: Readonly<Record<string, unknown>>;
}

/**
 * Subscriptions over WebSocket at `/graphql` (protocol graphql-transport-ws). The key comes in the connection's
 * `connection_init` payload as `apiKey`, or a token as `token` with its `tenant`, or either in headers. It is checked
 * again with every subscription, and the connection ends when it does.
 */
export function registerSubscriptions(
  http: FastifyInstance,
  endpoint: SubscriptionEndpoint,
): { close(): Promise<void> } {
  const { logger, identification, openSchema } = endpoint;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  const requestIds = new WeakMap<IncomingMessage, string>();
  const requestIdIn = ({ extra: { request } }: Connection): string => {
    const id = requestIds.get(request) ?? requestIdOf(request);
    requestIds.set(request, id);
    return id;
  };
  const identify = (connection: Connection): Promise<RequestContext> =>
    identification.contextOf(credentialsIn(connection), {
      requestId: requestIdIn(connection),
      origin: {
        ip: connection.extra.request.socket.remoteAddress ?? null,
        userAgent: connection.extra.request.headers['user-agent'] ?? null,
      },
    });
  const lives = new WeakMap<IncomingMessage, ConnectionLife>();
  const shape = (connection: Connection, errors: readonly unknown[]) =>
    errors.map((error) => {
      const requestId = requestIdIn(connection);
      if (isDefect(error)) logger.error({ err: error, requestId }, 'a subscription failed');
      return shapeError(error, requestId, { suggestions: openSchema });
    });

  const server = useServer<Record<string, unknown>>(
    {
      connectionInitWaitTimeout: INIT_WAIT_MS,
      onConnect: async (connection) => {
        try {
          const { actor } = await identify(connection);
          const { socket, request } = connection.extra;
          const life = new ConnectionLife(actor, {
            identify: () => identify(connection),
            end: (code, reason) => socket.close(code, reason.slice(0, 120)),
          });
          lives.set(request, life);
          // It may have been closed while it was asked who it is.
          if (socket.readyState !== socket.OPEN) life.stop();
          return true;
        } catch (error) {
          const [shaped] = shape(connection, [error]);
          connection.extra.socket.close(
            UNAUTHORIZED,
            `${String(shaped?.extensions?.['code'])}: ${shaped?.message ?? ''}`.slice(0, 120),
          );
          return false;
        }
      },
      onClose: ({ extra: { request } }) => lives.get(request)?.stop(),
      onSubscribe: async (connection, _id, payload) => {
        try {
          if (Object.keys(connection.subscriptions).length > MAX_SUBSCRIPTIONS) throw tooMany();
          const context = await identify(connection);
          await new RequestRates(endpoint.limiter, context).take('requests', 1);
          return executionOf(endpoint, context, payload);
        } catch (error) {
          return [asGraphqlError(error)];
        }
      },
      onNext: (...[connection, , , , { data, errors }]) => ({
        data: data ?? null,
        ...(errors && { errors: shape(connection, errors) }),
      }),
      onError: (connection, _id, _payload, errors) => shape(connection, errors),
      // What clients read is shaped here; the library's own words stay inside.
      isProd: true,
    },
    sockets,
  );

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    if (request.url?.split('?')[0] !== '/graphql') {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    if (!mayConnect(request.headers, endpoint.origins)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
  };
  http.server.on('upgrade', onUpgrade);

  return {
    close: async () => {
      http.server.off('upgrade', onUpgrade);
      const timer = setTimeout(() => {
        for (const client of sockets.clients) client.terminate();
      }, CLOSE_MS);
      await server.dispose();
      clearTimeout(timer);
    },
  };
}

/** Parses and checks what a client subscribes to. */
function executionOf(
  { schema, gate, persisted, contextOf }: SubscriptionEndpoint,
  request: RequestContext,
  payload: SubscribePayload,
): ExecutionArgs | readonly GraphQLError[] {
  const { operationName, variables } = payload;
  const query = persisted.resolve(payload) ?? payload.query;
  // A syntax error is told by parsing again.
  const document = gate.parse(query) ?? parse(query);
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) {
    throw new AppError(
      'BAD_USER_INPUT',
      'Only subscriptions go over this connection: send queries and mutations by POST.',
    );
  }
  const errors = validate(schema, document, undefined, { maxErrors: MAX_VALIDATION_ERRORS });
  if (errors.length > 0) return errors;
  gate.costOf({ document, definition: operation })(variables ?? {});
  return {
    schema,
    document,
    contextValue: contextOf(request),
    ...(operationName != null && { operationName }),
    ...(variables != null && { variableValues: variables }),
  };
}

function credentialsIn({ connectionParams = {}, extra }: Connection): Credentials {
  const headers = credentialsOf(extra.request.headers);
  const { apiKey, token, tenant } = connectionParams;
  const [credential] = [apiKey, token].filter((text) => typeof text === 'string');
  return {
    credential: credential ?? headers.credential,
    tenant: typeof tenant === 'string' ? tenant : headers.tenant,
    // Nothing that goes over this connection accepts one.
    invitation: null,
  };
}

function tooMany(): AppError {
  return new AppError(
    'BAD_USER_INPUT',
    `One connection holds ${MAX_SUBSCRIPTIONS} subscriptions at most: end one first.`,
  );
}

function asGraphqlError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(cause.message, { originalError: cause });
}
