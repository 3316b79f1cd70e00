import path from 'node:path';
import { type Database } from '../../platform/persistence/database';
import { type Metrics } from '../../platform/telemetry/metrics';
import { AuditService } from '../../services/audit/audit.service';
import { ChallengersService } from '../../services/challengers/challengers.service';
import { DatasetCleaningService } from '../../services/datasets/dataset-cleaning.service';
import { DatasetMappingsService } from '../../services/datasets/dataset-mappings.service';
import { DatasetProfilesService } from '../../services/datasets/dataset-profiles.service';
import { DatasetsService } from '../../services/datasets/datasets.service';
import { AudiencesService } from '../../services/decisions/audiences.service';
import { DailySalesService } from '../../services/decisions/daily-sales.service';
import { DecisionLog } from '../../services/decisions/decision-log';
import { ItemModelsService } from '../../services/decisions/item-models.service';
import { DomainCatalogue } from '../../services/domains/domain-catalogue';
import { DomainsService } from '../../services/domains/domains.service';
import { EventSnapshotsService } from '../../services/events/event-snapshots.service';
import { EventsService } from '../../services/events/events.service';
import { SubjectHistories } from '../../services/events/subject-histories';
import { VisibilityProbe } from '../../services/events/visibility-probe';
import { ItemEvidenceService } from '../../services/events/item-evidence.service';
import { EvaluationsService } from '../../services/models/evaluations.service';
import { WebhooksService } from '../../services/monitoring/webhooks/webhooks.service';
import { StudiesService } from '../../services/studies/studies.service';
import { SchedulesService } from '../../services/schedules/schedules.service';
import { JobLogsService } from '../../services/jobs/log/job-logs.service';
import { AlertsService } from '../../services/monitoring/alerts.service';
import { DriftStates } from '../../services/monitoring/drift-states';
import { DriftService } from '../../services/monitoring/drift.service';
import { HeldOutGroupsService } from '../../services/models/held-out-groups.service';
import { ModelsService } from '../../services/models/models.service';
import { PredictionLogSettingsService } from '../../services/prediction/log/prediction-log-settings.service';
import { RecordedPredictions } from '../../services/prediction/log/recorded-predictions';
import { Replays } from '../../services/prediction/log/replays';
import { LiveMetricsService } from '../../services/prediction/outcomes/live-metrics.service';
import { OutcomesService } from '../../services/prediction/outcomes/outcomes.service';
import { MasterKeys } from '../../platform/encryption/master-keys';
import { TenantKeys } from '../../platform/encryption/tenant-keys';
import { EncryptionService } from '../../services/encryption/encryption.service';
import { SharedPrivacyKeys } from '../../platform/privacy/shared-privacy-keys';
import { ErasedSubjects } from '../../services/privacy/erased-subjects';
import { SubjectRequestsService } from '../../services/privacy/subject-requests.service';
import { type UsageMeter } from '../../platform/tenancy/quotas/usage-meter';
import { QuotasService } from '../../services/quotas/quotas.service';
import { RetentionService } from '../../services/retention/retention.service';
import { PoliciesService } from '../../services/policies/policies.service';
import { PolicyPreviewsService } from '../../services/policies/policy-previews.service';
import { HeldOutRatesService } from '../../services/models/held-out-rates.service';
import { PriorStrengthService } from '../../services/models/prior-strength.service';
import { SegmentCalibrationService } from '../../services/models/segment-calibration.service';
import { type PredictionService } from '../../services/prediction/prediction.service';
import { BatchScoringService } from '../../services/scoring/batch-scoring.service';
import { ScoringScores } from '../../services/scoring/scoring-scores';
import { WorkersService } from '../../services/workers/workers.service';
import { TenantsService } from '../../services/tenants/tenants.service';
import { type TrainingService } from '../../services/training/training.service';
import { fetchKeys } from '../../platform/identity/discovery';
import { KeySets } from '../../platform/identity/key-sets';
import { MemberAuthenticator } from '../../services/members/authenticate-member';
import { IdentityProvidersService } from '../../services/members/identity-providers.service';
import { InvitationsService } from '../../services/members/invitations.service';
import { MembersService } from '../../services/members/members.service';
import { type ApiConfig, type ApiDependencies } from './build-api';

/** The use cases that the API's resolvers and routes call. */
export interface Services {
  readonly tenants: TenantsService;
  readonly workers: WorkersService;
  readonly members: MembersService;
  readonly invitations: InvitationsService;
  readonly identityProviders: IdentityProvidersService;
  readonly memberAuthenticator: MemberAuthenticator;
  readonly audit: AuditService;
  readonly domains: DomainsService;
  readonly datasets: DatasetsService;
  readonly profiles: DatasetProfilesService;
  readonly mappings: DatasetMappingsService;
  readonly cleanings: DatasetCleaningService;
  readonly events: EventsService;
  readonly snapshots: EventSnapshotsService;
  readonly itemEvidence: ItemEvidenceService;
  readonly itemModels: ItemModelsService;
  readonly audiences: AudiencesService;
  readonly dailySales: DailySalesService;
  readonly models: ModelsService;
  readonly challengers: ChallengersService;
  readonly evaluations: EvaluationsService;
  readonly scorings: BatchScoringService;
  readonly scores: ScoringScores;
  readonly heldOutGroups: HeldOutGroupsService;
  readonly policies: PoliciesService;
  readonly policyPreviews: PolicyPreviewsService;
  readonly segmentCalibration: SegmentCalibrationService;
  readonly priorStrength: PriorStrengthService;
  readonly heldOutRates: HeldOutRatesService;
  readonly training: TrainingService;
  readonly jobLogs: JobLogsService;
  readonly prediction: PredictionService;
  readonly predictions: RecordedPredictions;
  readonly replays: Replays;
  readonly decisions: DecisionLog;
  readonly predictionLogSettings: PredictionLogSettingsService;
  readonly outcomes: OutcomesService;
  readonly liveMetrics: LiveMetricsService;
  readonly drifts: DriftService;
  readonly driftStates: DriftStates;
  readonly alerts: AlertsService;
  readonly studies: StudiesService;
  readonly schedules: SchedulesService;
  readonly webhooks: WebhooksService;
  readonly encryption: EncryptionService;
  readonly subjectRequests: SubjectRequestsService;
  readonly retention: RetentionService;
  readonly quotas: QuotasService;
}

export function buildServices(
  config: ApiConfig,
  dependencies: ApiDependencies & { readonly meter: UsageMeter },
): Services {
  const { database, stores, training, prediction } = dependencies;
  const catalogue = new DomainCatalogue(dependencies.domains);
  const domains = new DomainsService(database, catalogue);
  const models = new ModelsService(database, stores);
  const privacyKeys = new SharedPrivacyKeys(config);
  const keys = new TenantKeys(new MasterKeys(config));
  const erased = new ErasedSubjects(privacyKeys);
  // Beside the data, and not in the system's temporary folder, which is often small.
  const spoolDirectory = path.join(config.dataDirectory, 'uploads');
  const datasets = new DatasetsService({
    database,
    stores,
    domains,
    erased,
    spoolDirectory,
    maxUploadBytes: config.maxUploadBytes,
  });
  const profiles = new DatasetProfilesService({ database, stores, domains, datasets, spoolDirectory });
  const predictions = new RecordedPredictions(database);
  const policies = new PoliciesService(database, catalogue);
  const targets = config.identityProviderTargets;
  const keySets = new KeySets({ fetch: (issuer) => fetchKeys(issuer, { targets }) });
  const scores = new ScoringScores(database, stores);
  const segmentCalibration = new SegmentCalibrationService(database, stores);
  const priorStrength = new PriorStrengthService(database, stores);
  return {
    tenants: new TenantsService(database),
    workers: new WorkersService(database),
    members: new MembersService(database),
    invitations: new InvitationsService(database),
    identityProviders: new IdentityProvidersService(database, keySets, targets),
    memberAuthenticator: new MemberAuthenticator({ database, keySets, logger: dependencies.logger }),
    audit: new AuditService(database),
    domains,
    datasets,
    profiles,
    mappings: new DatasetMappingsService(database, domains, profiles),
    cleanings: new DatasetCleaningService(database, profiles),
    events: new EventsService(
      database,
      domains,
      erased,
      dependencies.metrics ? probeOf(database, dependencies.metrics) : null,
    ),
    snapshots: new EventSnapshotsService(database, domains),
    itemEvidence: new ItemEvidenceService(database, domains.catalogue),
    itemModels: new ItemModelsService(database, domains),
    dailySales: new DailySalesService(database, domains),
    audiences: new AudiencesService(database, stores, scores),
    scores,
    scorings: new BatchScoringService(database, stores, training.jobs),
    models,
    challengers: new ChallengersService(database, stores, models),
    evaluations: new EvaluationsService(database, stores),
    heldOutGroups: new HeldOutGroupsService(database, stores, spoolDirectory),
    policies,
    policyPreviews: new PolicyPreviewsService(models, stores),
    segmentCalibration,
    priorStrength,
    heldOutRates: new HeldOutRatesService(segmentCalibration, priorStrength),
    training,
    jobLogs: new JobLogsService(database),
    prediction,
    predictions,
    replays: new Replays(database, predictions, prediction),
    decisions: new DecisionLog(database, policies, (error, tenantId) => {
      dependencies.logger.error({ err: error, tenantId }, 'a decision that was to be recorded was not');
    }),
    predictionLogSettings: new PredictionLogSettingsService(database),
    outcomes: new OutcomesService(database),
    liveMetrics: new LiveMetricsService(database),
    drifts: new DriftService(database, stores),
    driftStates: new DriftStates(database),
    alerts: new AlertsService(database),
    studies: new StudiesService(database, training.jobs),
    schedules: new SchedulesService(database),
    webhooks: new WebhooksService(database, config.webhookTargets, keys),
    encryption: new EncryptionService(database, keys),
    retention: new RetentionService(database),
    quotas: new QuotasService(database, dependencies.meter),
    subjectRequests: new SubjectRequestsService(database, stores, domains, privacyKeys),
  };
}

function probeOf(database: Database, metrics: Metrics): VisibilityProbe {
  const histories = new SubjectHistories(database);
  return new VisibilityProbe({
    isSeen: histories.holds.bind(histories),
    onSeen: (ms) => metrics.eventSeen(ms / 1_000),
  });
}
