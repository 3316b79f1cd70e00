import { AppError } from '../../../errors';
import { type Database } from '../../../platform/persistence/database';
import { isStatementTimeout } from '../../../platform/persistence/database-errors';
import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { type TenantContext } from '../../../platform/tenancy/request-context';
import { firstIdAt } from '../log/prediction-id';
import { liveQuality, type LiveQuality } from './live-group';

export const LIVE_DIMENSIONS = ['VERSION', 'DAY', 'SEGMENT'] as const;
export type LiveDimension = (typeof LIVE_DIMENSIONS)[number];

export interface LiveMetricsRequest {
  readonly domain: string;
  /** All versions when left out. */
  readonly modelVersionId?: string | null | undefined;
  /** Answered not before. */
  readonly from: Date;
  /** Answered before. */
  readonly until: Date;
  readonly by?: readonly LiveDimension[] | null | undefined;
  /** The categorical feature of SEGMENT. */
  readonly segment?: string | null | undefined;
  /** Also scores that were not shown. */
  readonly includeShadow?: boolean | null | undefined;
}

/** Predictions of one version, day and segment; what is not grouped by is null. */
export interface LiveGroup extends LiveQuality {
  readonly modelVersionId: string | null;
  /** Its first moment, UTC. */
  readonly day: Date | null;
  /** The category; null where it is missing, too. */
  readonly segment: string | null;
  readonly predictions: number;
  readonly decidedYes: number;
  /** Predictions with an outcome. */
  readonly outcomes: number;
  /** Of these, how many follow from stored events. */
  readonly inferredOutcomes: number;
  readonly positives: number;
  readonly averageProbability: number;
  /** Outcomes with a value; the sums are null when there are none. */
  readonly valued: number;
  readonly value: number | null;
  readonly valueOfYes: number | null;
  /** Outcomes that the metrics are of: all, or those that were drawn. */
  readonly evaluated: number;
}

/** Groups of an answer, at most. */
const MAX_GROUPS = 1_000;
/** Outcomes that one answer is computed of; where there are more, so many are drawn by lot. */
const MAX_EVALUATED = 200_000;
const TIMEOUT_MS = 20_000;

/** When an id was made, in UTC. */
const MADE_AT = `(to_timestamp(('x0000' || replace(left(p.id::text, 13), '-', ''))::bit(64)::bigint / 1000.0) AT TIME ZONE 'UTC')`;

interface GroupKey {
  readonly version: string | null;
  readonly day: number | null;
  readonly segment: string | null;
}
interface CountsRow extends GroupKey {
  readonly predictions: number;
  readonly decidedYes: number;
  readonly outcomes: number;
  readonly inferredOutcomes: number;
  readonly positives: number;
  readonly averageProbability: number;
  readonly valued: number;
  readonly value: number | null;
  readonly valueOfYes: number | null;
}
interface ScoresRow extends GroupKey {
  readonly labels: readonly number[];
  readonly probabilities: readonly number[];
}

/** How good the predictions were that were shown, as far as their outcomes are known. */
export class LiveMetricsService {
  constructor(private readonly database: Pick<Database, 'asOfOneMoment'>) {}

  /**
   * Counts and sums are of everything; metrics are of all outcomes, or of 200,000 drawn by lot.
   * @throws AppError BAD_USER_INPUT for a span that is none, or holds too much, or more than 1,000 groups
   */
  async of(ctx: TenantContext, request: LiveMetricsRequest): Promise<LiveGroup[]> {
    check(request);
    try {
      return await this.database.asOfOneMoment(ctx.actor.tenantId, async (scope) => {
        await scope.query("SELECT set_config('statement_timeout', $1, true)", [String(TIMEOUT_MS)]);
        return groupsOf(scope, request);
      });
    } catch (error) {
      if (!isStatementTimeout(error)) throw error;
      throw refused('until', 'leaves more predictions than can be read in time: ask for a shorter span');
    }
  }
}

async function groupsOf(scope: TenantScope, request: LiveMetricsRequest): Promise<LiveGroup[]> {
  const { from, where, keys, parameters } = queryOf(scope, request);
  const counts = await scope.query<CountsRow>(
    `SELECT ${keys}, count(*)::integer AS predictions,
            count(*) FILTER (WHERE p.probability >= p.threshold)::integer AS "decidedYes",
            count(o.label)::integer AS outcomes, count(*) FILTER (WHERE o.source = 'EVENTS')::integer AS "inferredOutcomes",
            count(*) FILTER (WHERE o.label)::integer AS positives,
            avg(p.probability) AS "averageProbability", count(o.value)::integer AS valued, sum(o.value) AS value,
            CASE WHEN count(o.value) > 0
                 THEN coalesce(sum(o.value) FILTER (WHERE p.probability >= p.threshold), 0) END AS "valueOfYes"
       ${from} ${where} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT ${MAX_GROUPS + 1}`,
    parameters,
  );
  if (counts.length > MAX_GROUPS)
    throw refused('by', `makes more than ${MAX_GROUPS} groups: ask for a shorter span, or group by less`);
  const total = counts.reduce((sum, { outcomes }) => sum + outcomes, 0);
  const share = total <= MAX_EVALUATED ? 1 : MAX_EVALUATED / total;
  const scores = await scope.query<ScoresRow>(
    `SELECT ${keys}, array_agg(o.label::integer) AS labels, array_agg(p.probability) AS probabilities
       ${from} ${where} AND o.label IS NOT NULL
        AND (uuid_hash_extended(p.id, 0) & 2147483647) < $${parameters.length + 1}::double precision * 2147483648
      GROUP BY 1, 2, 3`,
    [...parameters, share],
  );
  const known = new Map(scores.map((row) => [keyOf(row), row]));
  return counts.map((row) => {
    const { version, day, segment, ...rest } = row;
    const { labels = [], probabilities = [] } = known.get(keyOf(row)) ?? {};
    return {
      ...rest,
      modelVersionId: version,
      day: day === null ? null : new Date(day),
      segment,
      evaluated: labels.length,
      ...liveQuality(Float32Array.from(labels), Float32Array.from(probabilities)),
    };
  });
}

const keyOf = ({ version, day, segment }: GroupKey): string => JSON.stringify([version, day, segment]);

function queryOf(
  { tenantId }: TenantScope,
  { domain, modelVersionId, from, until, by, segment, includeShadow }: LiveMetricsRequest,
) {
  const is = (dimension: LiveDimension) => by?.includes(dimension) === true;
  const keys = [
    is('VERSION') ? 'p.model_version_id AS version' : 'NULL::uuid AS version',
    is('DAY')
      ? `(extract(epoch FROM date_trunc('day', ${MADE_AT})) * 1000)::double precision AS day`
      : 'NULL::double precision AS day',
    is('SEGMENT') ? 'p.categories ->> $6::text AS segment' : '$6::text AS segment',
  ];
  return {
    keys: keys.join(', '),
    from: `FROM predictions p LEFT JOIN outcomes o
             ON o.tenant_id = p.tenant_id AND o.prediction_id = coalesce(p.shadow_of, p.id)`,
    where: `WHERE p.tenant_id = $1 AND p.id >= $4 AND p.id < $5
              AND p.model_version_id IN (SELECT v.id FROM model_versions v
                    WHERE v.tenant_id = $1 AND v.kind = $2 AND ($3::uuid IS NULL OR v.id = $3))
              ${includeShadow === true ? '' : 'AND p.shadow_of IS NULL'}`,
    parameters: [
      tenantId,
      domain,
      modelVersionId ?? null,
      firstIdAt(from),
      firstIdAt(until),
      is('SEGMENT') ? segment : null,
    ],
  };
}

function check({ from, until, by, segment }: LiveMetricsRequest): void {
  if (!(from < until)) throw refused('until', 'must be later than from');
  if ((by?.includes('SEGMENT') ?? false) !== (segment != null && segment !== ''))
    throw refused(
      'segment',
      'and SEGMENT in by belong together: name the categorical feature, or leave both out',
    );
}

function refused(path: string, message: string): AppError {
  return new AppError('BAD_USER_INPUT', `The field "${path}" ${message}.`, [{ path, message }]);
}
