import { AppError, type Issue } from '../../../errors';
import { recordChange } from '../../../platform/audit/record-change';
import { type Database } from '../../../platform/persistence/database';
import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { type TenantContext } from '../../../platform/tenancy/request-context';
import { lockOutcomes } from './lock-outcomes';
import {
  compareOutcomes,
  type GivenOutcome,
  type Outcome,
  type OutcomePlace,
  readOutcome,
} from './outcome-input';

/** Most outcomes of a batch. */
export const MAX_OUTCOMES = 1_000;
/** Predictions of one subject for one moment that an outcome is of, at most. */
const MAX_MATCHES = 100;

export const OUTCOME_STATES = [
  'RECORDED',
  'REPLACED',
  'DUPLICATE',
  'OUTDATED',
  'UNKNOWN_PREDICTION',
  'REFUSED',
] as const;
export type OutcomeState = (typeof OUTCOME_STATES)[number];

export const OUTCOME_SOURCES = ['GIVEN', 'EVENTS'] as const;
/** Whether an outcome was told, or follows from stored events. */
export type OutcomeSource = (typeof OUTCOME_SOURCES)[number];

export interface OutcomeEntry {
  readonly state: OutcomeState;
  /** The predictions that it is the outcome of. */
  readonly predictionIds: readonly string[];
  /** Why it was not recorded; paths begin in the batch: `outcomes.3.at`. */
  readonly issues: readonly Issue[];
}

export interface NewOutcomes {
  readonly domain: string;
  readonly outcomes: readonly GivenOutcome[];
}

/** Shown predictions that the places name, with what is known of their outcome. */
const FIND = `
WITH place AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($3::jsonb)
    AS b (index integer, "predictionId" uuid, subject text, "predictedFor" timestamptz)
), found AS (
  SELECT b.index, p.id, p.at FROM place b
   CROSS JOIN LATERAL (
     SELECT id, at FROM predictions
      WHERE tenant_id = $1 AND id = b."predictionId" AND domain = $2 AND shadow_of IS NULL LIMIT 1) p
   WHERE b."predictionId" IS NOT NULL
  UNION ALL
  SELECT b.index, p.id, p.at FROM place b
   CROSS JOIN LATERAL (
     SELECT id, at FROM predictions
      WHERE tenant_id = $1 AND domain = $2 AND subject = b.subject AND at = b."predictedFor" AND shadow_of IS NULL
      ORDER BY id DESC LIMIT ${MAX_MATCHES}) p
   WHERE b.subject IS NOT NULL
)
SELECT f.index, f.id, f.at AS "predictedFor", o.label, o.at, o.value, o.source
  FROM found f LEFT JOIN outcomes o ON o.tenant_id = $1 AND o.prediction_id = f.id
 ORDER BY f.index, f.id`;

const SAVE = `
INSERT INTO outcomes (tenant_id, prediction_id, label, at, value, source)
SELECT $1, b.id, b.label, b.at, b.value, 'GIVEN'
  FROM jsonb_to_recordset($2::jsonb) AS b (id uuid, label boolean, at timestamptz, value double precision)
ON CONFLICT (tenant_id, prediction_id)
DO UPDATE SET label = excluded.label, at = excluded.at, value = excluded.value, source = excluded.source,
              recorded_at = now()`;

interface FoundRow {
  readonly index: number;
  readonly id: string;
  readonly predictedFor: Date;
  readonly label: boolean | null;
  readonly at: Date | null;
  readonly value: number | null;
  readonly source: OutcomeSource | null;
}

/** What became of what was predicted: it comes late, in any order and more than once. */
export class OutcomesService {
  constructor(private readonly database: Pick<Database, 'inTenant'>) {}

  /**
   * Records a batch, and returns once it is committed. Each outcome is judged by itself; of several of a prediction, the
   * latest counts, whatever order they come in. A batch may be sent again at any time.
   *
   * @returns what became of each, in the order of the batch
   * @throws AppError BAD_USER_INPUT for more than 1,000 outcomes; UNAVAILABLE
   */
  async record(ctx: TenantContext, { domain, outcomes }: NewOutcomes): Promise<OutcomeEntry[]> {
    if (outcomes.length > MAX_OUTCOMES) {
      const message = `holds ${outcomes.length} outcomes; at most ${MAX_OUTCOMES} fit in one batch`;
      throw new AppError('BAD_USER_INPUT', `The field "outcomes" ${message}.`, [
        { path: 'outcomes', message },
      ]);
    }
    const now = new Date();
    const read = outcomes.map((given) => readOutcome(given, now));
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      await lockOutcomes(scope, domain);
      const places = read.flatMap((each, index) => ('of' in each ? [{ index, ...each.of }] : []));
      const found = await find(scope, domain, places);
      const known = new Map<string, Outcome>();
      const inferred = new Set<string>();
      for (const { id, label, at, value, source } of [...found.values()].flat()) {
        if (label !== null && at !== null) known.set(id, { label, at, value });
        if (source === 'EVENTS') inferred.add(id);
      }
      const changed = new Set<string>();
      const entries = read.map((each, index): OutcomeEntry => {
        const under = (issues: readonly Issue[]) =>
          issues.map(({ path, message }) => ({ path: `outcomes.${index}.${path}`, message }));
        if ('issues' in each) return { state: 'REFUSED', predictionIds: [], issues: under(each.issues) };
        const { outcome, of } = each;
        const predictions = found.get(index) ?? [];
        if (predictions.length === 0)
          return { state: 'UNKNOWN_PREDICTION', predictionIds: [], issues: under([unknown(of)]) };
        const [first] = predictions;
        if (first && outcome.at < first.predictedFor)
          return { state: 'REFUSED', predictionIds: [], issues: under([tooEarly(first.predictedFor)]) };
        const states = predictions.map(({ id }) => {
          const before = known.get(id);
          // What was told stands before what was inferred, whenever that was so.
          const order = before && !inferred.delete(id) ? compareOutcomes(outcome, before) : 1;
          if (order > 0) {
            known.set(id, outcome);
            changed.add(id);
          }
          if (!before) return 'RECORDED';
          return order > 0 ? 'REPLACED' : order === 0 ? 'DUPLICATE' : 'OUTDATED';
        });
        const state = OUTCOME_STATES.find((candidate) => (states as readonly string[]).includes(candidate));
        return { state: state ?? 'DUPLICATE', predictionIds: predictions.map(({ id }) => id), issues: [] };
      });
      if (changed.size === 0) return entries;
      const rows = [...changed].sort().map((id) => ({ id, ...known.get(id) }));
      await scope.query(SAVE, [scope.tenantId, JSON.stringify(rows)]);
      recordChange(scope, ctx, {
        action: 'OUTCOMES_RECORDED',
        objectId: domain,
        before: null,
        after: countStates(entries),
      });
      return entries;
    });
  }
}

/** How many outcomes of a batch are in each state; together they are all that were sent. */
export function countStates(entries: readonly OutcomeEntry[]): Record<OutcomeState, number> {
  const count = (state: OutcomeState) => entries.filter((entry) => entry.state === state).length;
  return Object.fromEntries(OUTCOME_STATES.map((state) => [state, count(state)])) as Record<
    OutcomeState,
    number
  >;
}

async function find(
  scope: TenantScope,
  domain: string,
  places: readonly object[],
): Promise<ReadonlyMap<number, readonly FoundRow[]>> {
  const found = new Map<number, FoundRow[]>();
  if (places.length === 0) return found;
  const rows = await scope.query<FoundRow>(FIND, [scope.tenantId, domain, JSON.stringify(places)]);
  for (const row of rows) {
    const same = found.get(row.index);
    if (same) same.push(row);
    else found.set(row.index, [row]);
  }
  return found;
}

function unknown(of: OutcomePlace): Issue {
  return {
    path: 'predictionId' in of ? 'predictionId' : 'subjectId',
    message:
      'names no recorded prediction of this domain: ask predictions for their ids, or have a share recorded with configurePredictionLog',
  };
}

function tooEarly(predictedFor: Date): Issue {
  return {
    path: 'at',
    message: `lies before the moment of prediction, ${predictedFor.toISOString()}: what was known then is no outcome`,
  };
}
