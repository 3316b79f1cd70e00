import cors from '@fastify/cors';
import fastify, { type FastifyInstance } from 'fastify';
import { type GraphQLSchema } from 'graphql';
import { type DomainDefinition } from '../../domain-kit/types';
import { buildGraphqlSchema } from '../../graphql/build-schema';
import { type GraphqlContext } from '../../graphql/context';
import { OperationGate } from '../../graphql/limits/operation-gate';
import { AlertFeed } from '../../graphql/monitoring/alert-feed';
import { TrainingFeed } from '../../graphql/training/training-feed';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { type Config } from '../../platform/config/config';
import { type GraphqlConfig } from '../../platform/config/graphql-settings';
import { type Database } from '../../platform/persistence/database';
import { type Notifications } from '../../platform/persistence/notifications';
import { type Logger } from '../../platform/telemetry/logger';
import { type Metrics } from '../../platform/telemetry/metrics';
import { isTracing } from '../../platform/telemetry/tracing';
import { RateLimiter } from '../../platform/tenancy/rate-limiter';
import { UsageMeter } from '../../platform/tenancy/quotas/usage-meter';
import { type RequestContext } from '../../platform/tenancy/request-context';
import { DRIFT_CHANNEL } from '../../services/monitoring/drift-states';
import { ALERT_CHANNEL } from '../../services/monitoring/raise-alert';
import { POLICY_CHANNEL } from '../../services/policies/policies.service';
import { SUBJECT_ERASED_CHANNEL } from '../../services/privacy/erasure/erase-subject';
import { type PredictionService } from '../../services/prediction/prediction.service';
import { PROGRESS_CHANNEL } from '../../services/training/progress-channel';
import { type TrainingService } from '../../services/training/training.service';
import { Container } from '../container';
import { buildServices } from './build-services';
import { registerAudienceDownload } from './audience-download';
import { registerExportDownload } from './export-download';
import { registerDownloads } from './downloads';
import { OPERATION_COST_HEADER } from './graphql/operation-plugin';
import { type ContextExtras, registerGraphql } from './graphql-endpoint';
import { registerHealth } from './health';
import { registerErrors } from './http-errors';
import { Identification } from './identification';
import { registerIdentity, REQUEST_ID_HEADER, requestIdOf } from './identity';
import { listen, type ListenAddress } from './listen';
import { registerMetrics } from './metrics';
import { OperationContext } from './operation-context';
import { PersistedOperations } from './persisted-operations';
import { RATE_HEADERS } from './rates';
import { registerSubscriptions } from './subscriptions';
import { registerTracing } from './tracing';
import { registerUploads } from './uploads';

export type ApiConfig = Pick<
  Config,
  | 'dataDirectory'
  | 'masterKey'
  | 'masterKeyFile'
  | 'identityProviderTargets'
  | 'maxUploadBytes'
  | 'privacyKeyFile'
  | 'production'
  | 'webhookTargets'
> &
  GraphqlConfig;

/** What the API stands on; whoever opened it closes it, after the API. */
export interface ApiDependencies {
  readonly database: Database;
  readonly stores: ObjectStores;
  readonly notifications: Pick<Notifications, 'listen'>;
  readonly training: TrainingService;
  readonly prediction: PredictionService;
  readonly domains: readonly DomainDefinition[];
  readonly logger: Logger;
  readonly metrics?: Metrics | null;
  /** How many threads can answer predictions; with none, the API is not ready. */
  readonly inferenceThreads?: () => number;
  /** From which execution on an operation is compiled: the second unless given. */
  readonly compileAt?: number;
}

export interface Api {
  readonly schema: GraphQLSchema;
  /** For requests without a socket, in tests. */
  readonly http: FastifyInstance;
  /** Accepts requests; port 0 takes any free one. Returns the GraphQL endpoint's address. */
  listen(address: ListenAddress): Promise<string>;
  /** To be called when announcements may have been missed: followers read again. */
  resync(): void;
  /** Ends subscriptions, accepts nothing new, and waits for the requests that run. */
  close(): Promise<void>;
}

/** A connection without any traffic for this long is given up. */
const IDLE_MS = 60_000;
/** How long requests may go on once the API is ending. */
const DRAIN_MS = 10_000;

/** Composes the API: services, schema, HTTP, subscriptions. */
export async function buildApi(config: ApiConfig, dependencies: ApiDependencies): Promise<Api> {
  const { database, notifications, training, logger } = dependencies;
  const meter = new UsageMeter(database);
  const services = buildServices(config, { ...dependencies, meter });
  await services.datasets.removeLeftovers();
  const feed = new TrainingFeed(training);
  const alertFeed = new AlertFeed(services.alerts);
  const container = new Container([...Object.values<object>({ ...services }), feed, alertFeed]);
  const schema = buildGraphqlSchema(dependencies.domains, container);
  const contextOf = (request: RequestContext, extras?: ContextExtras): GraphqlContext =>
    new OperationContext(request, { services, container }, extras);

  const http = fastify({
    logger: false,
    genReqId: requestIdOf,
    bodyLimit: config.maxRequestBytes,
    connectionTimeout: IDLE_MS,
    // In-flight requests end as they would; idle connections are closed at once.
    forceCloseConnections: 'idle',
    return503OnClosing: true,
  });
  // Only JSON is parsed; uploads have a parser of their own.
  http.removeContentTypeParser('text/plain');
  await http.register(cors, {
    // An empty list allows no page but those of the API's own origin, which need no permission.
    origin: config.corsOrigins === '*' ? '*' : [...config.corsOrigins],
    methods: ['GET', 'POST', 'PUT'],
    exposedHeaders: [REQUEST_ID_HEADER, OPERATION_COST_HEADER, ...RATE_HEADERS],
    maxAge: 600,
  });
  registerErrors(http, logger);
  if (isTracing()) registerTracing(http);
  const { requestsPerMinute, predictionsPerMinute } = config;
  const limiter = new RateLimiter(database, {
    requests: requestsPerMinute,
    predictions: predictionsPerMinute,
  });
  const identification = new Identification(database, services.memberAuthenticator);
  registerIdentity(http, identification, { limiter, meter });
  if (dependencies.metrics) registerMetrics(http, dependencies.metrics);
  const health = registerHealth(http, { database, inferenceThreads: dependencies.inferenceThreads });
  registerUploads(http, services.datasets);
  registerDownloads(http, services);
  registerAudienceDownload(http, services);
  registerExportDownload(http, services);
  const gate = new OperationGate(schema, config);
  const openSchema = config.introspection === 'auto' ? !config.production : config.introspection === 'on';
  const persisted = await PersistedOperations.load({
    from: config.persistedOperations,
    only: config.onlyPersistedOperations,
    schema,
    gate,
  });
  const shared = { schema, gate, persisted, contextOf, logger, openSchema };
  await registerGraphql(http, {
    ...shared,
    timeoutMs: config.requestTimeoutMs,
    compileAt: dependencies.compileAt,
  });
  const subscriptions = registerSubscriptions(http, {
    ...shared,
    identification,
    limiter,
    origins: config.corsOrigins,
  });
  const { policyPreviews, evaluations, heldOutGroups, priorStrength } = services;
  const forget = (): void => {
    for (const service of [policyPreviews, evaluations, heldOutGroups, priorStrength]) service.forget();
  };
  const unlisten = await Promise.all([
    notifications.listen(PROGRESS_CHANNEL, (payload) => feed.announce(payload)),
    notifications.listen(ALERT_CHANNEL, (payload) => alertFeed.announce(payload)),
    notifications.listen(DRIFT_CHANNEL, (payload) => services.driftStates.announce(payload)),
    notifications.listen(SUBJECT_ERASED_CHANNEL, forget),
    notifications.listen(POLICY_CHANNEL, (payload) => services.policies.announce(payload)),
  ]);
  await http.ready();

  return {
    schema,
    http,
    listen: (address) => listen(http, address),
    resync: () => {
      feed.resync();
      services.policies.resync();
      services.driftStates.resync();
      alertFeed.resync();
      forget();
    },
    close: async () => {
      health.drain();
      const timer = setTimeout(() => http.server.closeAllConnections(), DRAIN_MS);
      try {
        feed.close();
        alertFeed.close();
        // Profiles end first: a request that waits for one would hold the server open.
        await Promise.all([
          services.profiles.close(),
          subscriptions.close(),
          http.close(),
          ...unlisten.map((stop) => stop()),
        ]);
      } finally {
        clearTimeout(timer);
        // What the last requests used is known now.
        await meter.close();
      }
    },
  };
}
