import { AppError } from '../../../errors';
import { type Database } from '../../../platform/persistence/database';
import {
  checkPageSize,
  decodeCursor,
  isUuid,
  type Page,
  type PageRequest,
  toPage,
  unknownCursor,
} from '../../../platform/persistence/keyset';
import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { firstIdAt, momentOfId } from './prediction-id';
import {
  type PredictionRole,
  type RecordedOutcome,
  type RecordedPrediction,
  type RecordedScore,
} from './recorded-prediction';
import { decodeSnapshot } from './snapshot';
import { subjectKey } from './subject-key';

/** Which predictions: those that fit everything that is given. */
export interface PredictionFilter {
  readonly domain: string;
  readonly subjectId?: string | null | undefined;
  readonly modelVersionId?: string | null | undefined;
  /** Answered not before this moment. */
  readonly from?: Date | null | undefined;
  /** Answered before this moment. */
  readonly until?: Date | null | undefined;
}

/** Which predictions of a version are read, and how many of them at most. */
export interface SampleRequest {
  readonly modelVersionId: string;
  readonly from: Date;
  readonly until: Date;
  readonly limit: number;
}

const COLUMNS = `
id, domain, at, model_version_id AS "modelVersionId", encode(artifact_sha256, 'hex') AS "artifactSha256",
role, shadow_of AS "shadowOf", threshold, probability, logit, snapshot,
(SELECT jsonb_build_object('label', o.label, 'atMs', round(extract(epoch FROM o.at) * 1000), 'value', o.value, 'source', o.source)
   FROM outcomes o
  WHERE o.tenant_id = predictions.tenant_id AND o.prediction_id = coalesce(shadow_of, predictions.id)) AS outcome`;

interface PredictionRow extends Omit<RecordedScore, 'recordedAt' | 'role'> {
  readonly role: PredictionRole;
  readonly snapshot: Buffer;
  readonly outcome: (Omit<RecordedOutcome, 'at'> & { readonly atMs: number }) | null;
}

/** Reads the log of predictions. */
export class RecordedPredictions {
  constructor(private readonly database: Pick<Database, 'inTenant'>) {}

  /** @throws AppError NOT_FOUND when there is none, it is no longer kept, or it is another tenant's */
  async get(tenantId: string, id: string): Promise<RecordedPrediction> {
    const [row] = isUuid(id)
      ? await this.database.inTenant(tenantId, (scope) =>
          scope.query<PredictionRow>(`SELECT ${COLUMNS} FROM predictions WHERE tenant_id = $1 AND id = $2`, [
            tenantId,
            id,
          ]),
        )
      : [];
    if (!row) throw new AppError('NOT_FOUND', `no prediction has the id "${id}"`);
    return recorded(row);
  }

  /**
   * A page of the log: of a subject by the moment of prediction, else by when it was answered, the latest first.
   * @throws AppError BAD_USER_INPUT for a page size out of bounds or an unknown cursor
   */
  async page(
    tenantId: string,
    filter: PredictionFilter,
    { first, after }: PageRequest,
  ): Promise<Page<RecordedPrediction>> {
    checkPageSize(first);
    const rows = await this.database.inTenant(tenantId, async (scope) => {
      const { conditions, parameters } = conditionsOf(scope, filter);
      const order = filter.subjectId == null ? 'id' : 'at, id';
      if (after != null) {
        parameters.push(decodeCursor(after));
        const place = `SELECT ${order} FROM predictions WHERE tenant_id = $1 AND id = $${parameters.length}`;
        const [known] = await scope.query(
          'SELECT FROM predictions WHERE tenant_id = $1 AND domain = $2 AND id = $3',
          [tenantId, filter.domain, parameters.at(-1)],
        );
        if (!known) throw unknownCursor();
        conditions.push(`(${order}) < (${place})`);
      }
      const descending = order.replaceAll(/(\w+)/g, '$1 DESC');
      return scope.query<PredictionRow>(
        `SELECT ${COLUMNS} FROM predictions
          WHERE ${conditions.join(' AND ')} ORDER BY ${descending} LIMIT ${first + 1}`,
        parameters,
      );
    });
    return toPage(rows.map(recorded), first);
  }

  /**
   * What a version answered in a span of time, at most so many, drawn by lot where there are more; in the order of
   * their answers. The same lot falls every time.
   */
  async sample(
    tenantId: string,
    { modelVersionId, from, until, limit }: SampleRequest,
  ): Promise<RecordedPrediction[]> {
    const rows = await this.database.inTenant(tenantId, (scope) =>
      scope.query<PredictionRow>(
        // The lots are drawn in the index alone: only what is drawn is read.
        `SELECT ${COLUMNS} FROM predictions
          WHERE tenant_id = $1 AND id = ANY (ARRAY (
                  SELECT id FROM predictions
                   WHERE tenant_id = $1 AND model_version_id = $2 AND id >= $3 AND id < $4
                   ORDER BY uuid_hash_extended(id, 0) LIMIT $5))
          ORDER BY id`,
        [tenantId, modelVersionId, firstIdAt(from), firstIdAt(until), limit],
      ),
    );
    return rows.map(recorded);
  }
}

function conditionsOf(
  { tenantId }: TenantScope,
  { domain, subjectId, modelVersionId, from, until }: PredictionFilter,
): { readonly conditions: string[]; readonly parameters: unknown[] } {
  const conditions = ['tenant_id = $1', 'domain = $2'];
  const parameters: unknown[] = [tenantId, domain];
  const add = (condition: string, value: unknown): void => {
    parameters.push(value);
    conditions.push(`${condition} $${parameters.length}`);
  };
  if (subjectId != null) add('subject =', subjectKey(subjectId));
  if (modelVersionId != null) add('model_version_id =', modelVersionId);
  if (from != null) add('id >=', firstIdAt(from));
  if (until != null) add('id <', firstIdAt(until));
  return { conditions, parameters };
}

function recorded({ snapshot, outcome, ...score }: PredictionRow): RecordedPrediction {
  return {
    ...score,
    recordedAt: momentOfId(score.id),
    ...decodeSnapshot(snapshot),
    outcome: outcome && {
      label: outcome.label,
      at: new Date(outcome.atMs),
      value: outcome.value,
      source: outcome.source,
    },
  };
}
