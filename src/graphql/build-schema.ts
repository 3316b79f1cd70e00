import { type GraphQLSchema } from 'graphql';
import { buildSchemaSync, type NonEmptyArray, type PubSub } from 'type-graphql';
import { AuditResolver } from './audit/audit.resolver';
import { checkRole } from './authorization';
import { ChallengerResolver, ChallengerTrialResolver } from './challengers/challenger.resolver';
import { type ServiceLocator } from './context';
import { DatasetCleaningResolver } from './datasets/cleaning.resolver';
import { DatasetResolver } from './datasets/dataset.resolver';
import { DatasetMappingResolver } from './datasets/mapping.resolver';
import { DatasetProfileResolver } from './datasets/profile.resolver';
import { DatasetQuarantineResolver, QuarantinedRowsResolver } from './datasets/quarantine.resolver';
import { DateTimeISO } from './date-time';
import { registerDomainKinds } from './domain-kind';
import { DomainResolver } from './domains/domain.resolver';
import { EventResolver } from './events/event.resolver';
import { DatasetSnapshotResolver, SnapshotResolver } from './events/snapshot.resolver';
import { IdentityProviderResolver } from './members/identity-provider.resolver';
import { MemberResolver } from './members/member.resolver';
import { EvaluationResolver, HeldOutResolver } from './models/evaluation.resolver';
import { ModelResolver, PromotionResolver, WarmStartResolver } from './models/model.resolver';
import { LiveMetricsResolver } from './prediction/live-metrics.resolver';
import { DriftResolver } from './monitoring/drift.resolver';
import { WebhookResolver } from './monitoring/webhook.resolver';
import { StudyResolver } from './studies/study.resolver';
import { StudyRunResolver } from './studies/study-run.resolver';
import { ScheduleResolver } from './schedules/schedule.resolver';
import { AlertResolver } from './monitoring/alert.resolver';
import { DriftReportResolver } from './monitoring/drift-report.resolver';
import { OutcomesResolver } from './prediction/outcomes.resolver';
import { RetentionResolver } from './retention/retention.resolver';
import { PredictionLogResolver } from './prediction/prediction-log.resolver';
import {
  PredictionReplayResolver,
  RecordedPredictionResolver,
} from './prediction/recorded-prediction.resolver';
import { QuotaResolver } from './quotas/quota.resolver';
import { SubjectRequestResolver } from './privacy/subject-request.resolver';
import { PolicyResolver } from './policies/policy.resolver';
import { SegmentCalibrationResolver } from './models/segment-calibration.resolver';
import { ScoringResolver } from './scoring/scoring.resolver';
import { EncryptionResolver } from './tenants/encryption.resolver';
import { TenantResolver } from './tenants/tenant.resolver';
import { WorkersResolver } from './workers/workers.resolver';
import { ExactConfigurationResolver } from './training/exact-configuration.resolver';
import { RunLogResolver } from './training/run-log.resolver';
import { TrainingResolver } from './training/training.resolver';

/** What a domain brings to the schema. */
export interface SchemaDomain {
  readonly kind: string;
  readonly description: string;
  readonly resolvers: readonly object[];
}

const OWN_RESOLVERS = [
  TenantResolver,
  EncryptionResolver,
  QuotaResolver,
  MemberResolver,
  IdentityProviderResolver,
  AuditResolver,
  DomainResolver,
  DatasetResolver,
  DatasetProfileResolver,
  DatasetMappingResolver,
  DatasetCleaningResolver,
  DatasetQuarantineResolver,
  QuarantinedRowsResolver,
  EventResolver,
  SnapshotResolver,
  DatasetSnapshotResolver,
  TrainingResolver,
  RunLogResolver,
  ExactConfigurationResolver,
  WorkersResolver,
  ScoringResolver,
  ModelResolver,
  PromotionResolver,
  WarmStartResolver,
  ChallengerResolver,
  ChallengerTrialResolver,
  EvaluationResolver,
  HeldOutResolver,
  RecordedPredictionResolver,
  PredictionReplayResolver,
  PredictionLogResolver,
  OutcomesResolver,
  LiveMetricsResolver,
  DriftResolver,
  DriftReportResolver,
  AlertResolver,
  StudyResolver,
  StudyRunResolver,
  ScheduleResolver,
  WebhookResolver,
  PolicyResolver,
  SubjectRequestResolver,
  RetentionResolver,
  SegmentCalibrationResolver,
] as const;

/** Subscriptions have sources of their own. */
const NO_PUB_SUB: PubSub = {
  publish: () => {
    throw new Error('this schema has no publish-subscribe topics');
  },
  subscribe: () => {
    throw new Error('this schema has no publish-subscribe topics');
  },
};

/**
 * The schema: the operations that no domain owns, and those of the discovered domains.
 *
 * @param services makes and keeps the resolvers' instances
 */
export function buildGraphqlSchema(
  domains: readonly SchemaDomain[],
  services: ServiceLocator,
): GraphQLSchema {
  registerDomainKinds(domains);
  const resolvers = [...OWN_RESOLVERS, ...domains.flatMap((domain) => domain.resolvers)];
  return buildSchemaSync({
    resolvers: resolvers as NonEmptyArray<typeof TenantResolver>,
    container: { get: (token: new (...parameters: never[]) => object) => services.get(token) },
    authChecker: checkRole,
    scalarsMap: [{ type: Date, scalar: DateTimeISO }],
    // Inputs are checked by the services, which every caller passes through.
    validate: false,
    pubSub: NO_PUB_SUB,
  });
}
