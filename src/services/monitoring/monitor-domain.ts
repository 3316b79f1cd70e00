import { gravest } from '../../learning/drift/compare-columns';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { type Database } from '../../platform/persistence/database';
import { heldOutExamples } from '../models/held-out-examples';
import { ModelVersion } from '../models/model-version.entity';
import { firstIdAt } from '../prediction/log/prediction-id';
import { liveQuality } from '../prediction/outcomes/live-group';
import { type DriftService, type VersionDrift } from './drift.service';
import { type Finding, stateOfDrift } from './watched-states';

/** How far back a report goes: whole weeks, so that weekdays weigh alike. */
const SPAN_MS = 7 * 86_400_000;
/** After which a store that receives nothing is an alert. */
const SILENT_MS = 86_400_000;

/** Outcomes that log loss is of, at most: drawn by lot where there are more. */
const MAX_OUTCOMES = 50_000;
const OUTCOMES = `
SELECT o.label, p.probability FROM predictions p
  JOIN outcomes o ON o.tenant_id = p.tenant_id AND o.prediction_id = coalesce(p.shadow_of, p.id)
 WHERE p.tenant_id = $1 AND p.model_version_id = $2 AND p.id >= $3 AND p.id < $4
 ORDER BY uuid_hash_extended(p.id, 0) LIMIT $5`;

export interface MonitorParts {
  readonly database: Database;
  readonly objects: ObjectStores;
  readonly drifts: DriftService;
}

export interface Monitored {
  readonly drift: VersionDrift;
  readonly findings: readonly Finding[];
}

/** Looks at what serves in a domain. @throws AppError MODEL_NOT_READY */
export async function monitorDomain(
  { database, objects, drifts }: MonitorParts,
  { tenantId, domain }: { readonly tenantId: string; readonly domain: string },
  now: Date,
): Promise<Monitored> {
  const from = new Date(now.getTime() - SPAN_MS);
  const drift = await drifts.of(tenantId, { domain, from, until: now });
  const findings = [
    ...driftFindings(drift),
    await qualityFinding({ database, objects }, tenantId, drift),
    await silenceFinding(database, tenantId, { domain, now }),
  ];
  return { drift, findings };
}

function driftFindings({ report }: VersionDrift): Finding[] {
  if (!report) return [];
  const changed = [...report.columns, report.score].filter(
    ({ state }) => state === 'DRIFTED' || state === 'WATCH',
  );
  const names = changed.slice(0, 10).map(({ name }) => name);
  const more = changed.length > names.length ? ` and ${changed.length - names.length} more` : '';
  const { label } = report;
  return [
    {
      kind: 'DRIFT',
      state: stateOfDrift(gravest([report.inputs, report.score.state])),
      message:
        changed.length === 0
          ? 'What the model is asked and answers is like its training.'
          : `Other than in training: ${names.join(', ')}${more}.`,
    },
    {
      kind: 'LABEL_DRIFT',
      state: stateOfDrift(label.state),
      message: `${percent(label.liveRate ?? 0)} of the outcomes are yes; in training ${percent(label.referenceRate)} were.`,
    },
  ];
}

/** Whether log loss on outcomes is worse than on the test part: their 95 % intervals do not touch. */
async function qualityFinding(
  { database, objects }: Pick<MonitorParts, 'database' | 'objects'>,
  tenantId: string,
  { modelVersionId, from, until }: VersionDrift,
): Promise<Finding> {
  const known = await database.inTenant(tenantId, (scope) =>
    scope.query<{ label: boolean; probability: number }>(OUTCOMES, [
      ...[tenantId, modelVersionId, firstIdAt(from), firstIdAt(until)],
      MAX_OUTCOMES,
    ]),
  );
  const live = liveQuality(
    Float32Array.from(known, ({ label }) => Number(label)),
    Float32Array.from(known, ({ probability }) => probability),
  ).logLoss;
  const version = await database.inTenant(tenantId, (scope) =>
    scope.repository(ModelVersion).getOrThrow(modelVersionId),
  );
  const path = await objects.forTenant(tenantId).localPath(version.predictionsSha256);
  const held = await heldOutExamples(path, () => () => true);
  const evaluated = liveQuality(held.labels_N, held.probabilities_N).logLoss;
  const isWorse = live.low !== null && evaluated.high !== null && live.low > evaluated.high;
  const isKnown = live.low !== null && evaluated.high !== null;
  return {
    kind: 'LIVE_QUALITY',
    state: isKnown ? (isWorse ? 'BAD' : 'OK') : null,
    message: `Log loss on ${known.length} outcomes is ${round(live.value)}; on the test part it was ${round(evaluated.value)}.`,
  };
}

/** Whether events have stopped coming, where some came. */
async function silenceFinding(
  database: Pick<Database, 'inTenant'>,
  tenantId: string,
  { domain, now }: { readonly domain: string; readonly now: Date },
): Promise<Finding> {
  const [store] = await database.inTenant(tenantId, (scope) =>
    scope.query<{ at: Date | null }>(
      'SELECT last_received_at AS at FROM event_stores WHERE tenant_id = $1 AND domain = $2',
      [tenantId, domain],
    ),
  );
  const at = store?.at ?? null;
  return {
    kind: 'NO_EVENTS',
    state: at === null ? null : now.getTime() - at.getTime() > SILENT_MS ? 'BAD' : 'OK',
    message: `The last event came at ${at?.toISOString() ?? 'no time'}.`,
  };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const round = (value: number | null): string => value?.toFixed(4) ?? 'unknown';
