import { type FollowingLabel, followingLabel, isLabelEvent } from '../../../learning/preparation/label-event';
import { type CellValue, type StoredEvent } from '../../../learning/preparation/stored-event';
import { type FeatureSpec } from '../../../learning/features/feature-spec';
import { ANY_KIND } from '../../../learning/features/label-spec';
import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { ModelVersion } from '../../models/model-version.entity';
import { firstIdAt } from '../log/prediction-id';
import { lockOutcomes } from './lock-outcomes';

/** Predictions of one transaction. */
const BATCH = 200;
/** Events of one prediction's window that may decide, at most: what bounds the memory of a batch. */
const MAX_EVENTS = 50;

/** How long after its window a prediction waits for events that come late. */
export const LATE_MS = 24 * 3_600_000;

interface Waiting {
  readonly id: string;
  readonly subject: string | null;
  readonly at: Date;
}

interface Inferred {
  readonly id: string;
  readonly label: boolean;
  readonly at: Date;
}

/** What the store knows: between its first and its last event, and nothing that it keeps no longer. */
interface Known {
  readonly from: Date;
  readonly until: Date;
}

const KNOWN = `
SELECT greatest(min(first_at),
                (SELECT now() - make_interval(days => days) FROM retention_periods WHERE tenant_id = $1 AND kind = 'EVENTS')) AS from,
       least(now(), max(last_at)) AS until
  FROM event_kinds WHERE tenant_id = $1 AND domain = $2 AND count > 0`;

/** Whoever has the row looks through the version; others leave it alone. */
const TAKE = `
SELECT after FROM outcome_watermarks WHERE tenant_id = $1 AND model_version_id = $2 FOR UPDATE SKIP LOCKED`;

const NEXT = `
SELECT id, subject, at FROM predictions
 WHERE tenant_id = $1 AND model_version_id = $2 AND id > $3 AND id < $4 AND shadow_of IS NULL
 ORDER BY id LIMIT ${BATCH}`;

const DEFERRED = `
SELECT p.id, p.subject, p.at FROM deferred_outcomes d
  JOIN predictions p ON p.tenant_id = d.tenant_id AND p.id = d.prediction_id
 WHERE d.tenant_id = $1 AND d.model_version_id = $2 AND d.due_at <= $3 ORDER BY d.due_at LIMIT ${BATCH}`;

/** Of each subject, whether the store knows it at all by then, and the events that may decide. */
const EVENTS = `
SELECT (q.place - 1)::integer AS place, e.id, e.subject AS "subjectId", e.at, e.kind, e.cells
  FROM unnest($3::text[], $4::timestamptz[], $5::timestamptz[]) WITH ORDINALITY AS q (subject, after, until, place)
 CROSS JOIN LATERAL (
   SELECT * FROM events
    WHERE tenant_id = $1 AND domain = $2 AND subject = q.subject AND at >= q.after AND at <= q.until
      AND ($6 = '${ANY_KIND}' OR kind = $6)
    ORDER BY at, sequence LIMIT ${MAX_EVENTS}) e
 ORDER BY q.place, e.at, e.sequence`;

const KNOWN_SUBJECTS = `
SELECT (q.place - 1)::integer AS place
  FROM unnest($3::text[], $4::timestamptz[]) WITH ORDINALITY AS q (subject, until, place)
 WHERE EXISTS (SELECT FROM events WHERE tenant_id = $1 AND domain = $2 AND subject = q.subject AND at <= q.until)`;

/** What the tenant has told stands. */
const SAVE = `
INSERT INTO outcomes (tenant_id, prediction_id, label, at, source)
SELECT $1, b.id, b.label, b.at, 'EVENTS' FROM jsonb_to_recordset($2::jsonb) AS b (id uuid, label boolean, at timestamptz)
ON CONFLICT (tenant_id, prediction_id) DO NOTHING`;

/**
 * Looks through the next predictions of a version, in the transaction that says so: whoever dies leaves nothing half done, and
 * what is done again changes nothing.
 * @returns how many predictions were looked at; 0 where another has the version, or nothing is due
 */
export async function inferOutcomes(scope: TenantScope, modelVersionId: string): Promise<number> {
  const version = await scope.repository(ModelVersion).get(modelVersionId);
  if (!version) return 0;
  const { featureSpec: spec, kind: domain } = version;
  const label = followingLabel(spec);
  const created = await scope.query(
    `INSERT INTO outcome_watermarks (tenant_id, model_version_id, horizon_ms, label_kind)
     VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING 1`,
    [scope.tenantId, modelVersionId, label?.windowMs ?? null, label?.kind ?? null],
  );
  if (!label || created.length > 0) return created.length;
  const [mark] = await scope.query<{ after: string }>(TAKE, [scope.tenantId, modelVersionId]);
  if (!mark) return 0;
  const [known] = await scope.query<{ from: Date | null; until: Date | null }>(KNOWN, [
    scope.tenantId,
    domain,
  ]);
  if (!known?.from || !known.until) return 0;
  const settled = known.until.getTime() - LATE_MS;
  const next = await scope.query<Waiting>(NEXT, [
    ...[scope.tenantId, modelVersionId, mark.after],
    firstIdAt(new Date(settled - label.windowMs)),
  ]);
  const isDue = ({ at }: Waiting) => at.getTime() + label.windowMs <= settled;
  const deferred = await scope.query<Waiting>(DEFERRED, [scope.tenantId, modelVersionId, new Date(settled)]);
  const due = [...deferred, ...next.filter(isDue)];
  const place = { domain, spec, label, known: { from: known.from, until: known.until } };
  const inferred = await decide(scope, place, due);
  await lockOutcomes(scope, domain);
  await scope.query(SAVE, [scope.tenantId, JSON.stringify(inferred)]);
  await scope.query(
    `INSERT INTO deferred_outcomes (tenant_id, prediction_id, model_version_id, due_at)
     SELECT $1, b.id, $2, b.due FROM jsonb_to_recordset($3::jsonb) AS b (id uuid, due timestamptz)`,
    [
      ...[scope.tenantId, modelVersionId],
      JSON.stringify(
        next
          .filter((each) => !isDue(each))
          .map(({ id, at }) => ({ id, due: new Date(at.getTime() + label.windowMs) })),
      ),
    ],
  );
  await scope.query(
    'DELETE FROM deferred_outcomes WHERE tenant_id = $1 AND prediction_id = ANY ($2::uuid[])',
    [scope.tenantId, deferred.map(({ id }) => id)],
  );
  const last = next.at(-1)?.id;
  if (last !== undefined)
    await scope.query(
      'UPDATE outcome_watermarks SET after = $3 WHERE tenant_id = $1 AND model_version_id = $2',
      [scope.tenantId, modelVersionId, last],
    );
  return next.length + deferred.length;
}

interface Place {
  readonly domain: string;
  readonly spec: FeatureSpec;
  readonly label: FollowingLabel;
  readonly known: Known;
}

/** The outcomes that follow, of those predictions that the store can decide. */
async function decide(
  scope: TenantScope,
  { domain, spec, label, known }: Place,
  due: readonly Waiting[],
): Promise<Inferred[]> {
  // Before its first event, the store may lack what happened.
  const open = due.filter(({ subject, at }) => subject !== null && at >= known.from);
  if (open.length === 0) return [];
  const areDates = spec.momentDates !== undefined;
  const subjects = open.map(({ subject }) => subject);
  const untils = open.map(({ at }) => new Date(at.getTime() + label.windowMs));
  const events = await scope.query<
    StoredEvent & { readonly place: number; readonly cells: Record<string, CellValue> }
  >(EVENTS, [scope.tenantId, domain, subjects, open.map(({ at }) => at), untils, label.kind]);
  const seen = await scope.query<{ place: number }>(KNOWN_SUBJECTS, [
    scope.tenantId,
    domain,
    subjects,
    untils,
  ]);
  const found = new Map<number, StoredEvent[]>();
  for (const { place, ...event } of events) found.set(place, [...(found.get(place) ?? []), event]);
  return seen.flatMap(({ place }) => {
    const [prediction, until] = [open[place], untils[place]];
    if (!prediction || !until) return [];
    const own = found.get(place) ?? [];
    // A window begins right after an event that is the moment, and ends before the last instant of a date's.
    const isWithin = ({ at }: StoredEvent) => (areDates ? at < until : at > prediction.at);
    const first = own.find((event) => isWithin(event) && isLabelEvent(spec, label, event));
    // Of so many that none of them decides, there may be more.
    if (!first && own.length === MAX_EVENTS) return [];
    return [{ id: prediction.id, label: (first !== undefined) !== label.isAbsence, at: first?.at ?? until }];
  });
}
