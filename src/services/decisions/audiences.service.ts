import { AppError } from '../../errors';
import {
  type Payoff,
  profitAt,
  type ProfitCurve,
  profitCurve,
  type ProfitPoint,
} from '../../learning/decisions/profit-curve';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { type Database } from '../../platform/persistence/database';
import { encodeCursor, isUuid, unknownCursor } from '../../platform/persistence/keyset';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { FIELDS, readHeldOut } from '../models/held-out-records';
import { ModelVersion } from '../models/model-version.entity';
import { RecentResults } from '../models/recent-results';
import { BatchScoring } from '../scoring/batch-scoring.entity';
import { type RankedScore, type ScoringScores } from '../scoring/scoring-scores';

/** Held-out examples kept in memory for the next question, at most; eight bytes each. */
const KEPT_EXAMPLES = 500_000;

interface Examples {
  readonly labels_N: Float32Array;
  readonly probabilities_N: Float32Array;
}

/** A model version's profit by threshold. */
export interface VersionProfit {
  /** On the validation part: its best threshold is the one to choose. */
  readonly validation: ProfitCurve;
  /** What that threshold brings on the test part, which it was not chosen on. */
  readonly test: ProfitPoint;
  readonly validationExamples: number;
  readonly testExamples: number;
}

/** The stored scores that an audience is read from, and the version that they are of. */
export interface AudienceSource {
  readonly scoring: BatchScoring;
  readonly version: ModelVersion;
}

export interface AudiencePage {
  readonly items: readonly RankedScore[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

/** Subjects whose stored scores reach a threshold, and which threshold pays. */
export class AudiencesService {
  private readonly parts = new RecentResults<Examples>(KEPT_EXAMPLES, ({ labels_N }) => labels_N.length + 1);

  constructor(
    private readonly database: Pick<Database, 'inTenant'>,
    private readonly stores: ObjectStores,
    private readonly scores: ScoringScores,
  ) {}

  /**
   * The scoring of stored subjects that was asked for last and has succeeded, or the one named: by id, or by the cursor
   * of one of its pages, so that pages belong together whatever is scored meanwhile.
   * @throws AppError NOT_FOUND; CONFLICT when there is none, or it is of a dataset, another domain, or has not succeeded
   */
  async source(
    ctx: TenantContext,
    kind: string,
    { scoringId, after }: { readonly scoringId?: string | null; readonly after?: string | null },
  ): Promise<AudienceSource> {
    const named = after == null ? (scoringId ?? null) : placeOf(after).scoringId;
    if (after != null && scoringId != null && named !== scoringId) throw unknownCursor();
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      const scorings = scope.repository(BatchScoring);
      const scoring =
        named === null
          ? (
              await scope.query<{ id: string }>(
                `SELECT id FROM jobs WHERE tenant_id = $1 AND kind = $2 AND type = 'SCORING' AND state = 'SUCCEEDED'
                    AND dataset_id IS NULL ORDER BY sequence DESC LIMIT 1`,
                [scope.tenantId, kind],
              )
            )[0]?.id
          : named;
      if (scoring === undefined)
        throw new AppError(
          'CONFLICT',
          'The stored subjects have not been scored yet: call scoreSubjects, and ask again when that has succeeded.',
        );
      const found = await scorings.getOrThrow(scoring);
      if (found.kind !== kind || found.datasetId !== null)
        throw new AppError('CONFLICT', `The scoring is not one of the stored subjects of ${kind}.`);
      if (!found.result)
        throw new AppError('CONFLICT', 'The scoring has no scores: wait until its state is SUCCEEDED.');
      return {
        scoring: found,
        version: await scope.repository(ModelVersion).getOrThrow(found.modelVersionId),
      };
    });
  }

  /** A page by falling probability. @throws AppError BAD_USER_INPUT for an unknown cursor */
  async page(
    ctx: TenantContext,
    { scoring }: AudienceSource,
    { first, after, minProbability }: { first: number; after?: string | null; minProbability: number },
  ): Promise<AudiencePage> {
    const rank = after == null ? null : encodeCursor(placeOf(after).rank);
    const page = await this.scores.page(ctx, scoring.id, { first, after: rank, minProbability });
    const last = page.items.at(-1);
    return {
      items: page.items,
      hasNextPage: page.hasNextPage,
      endCursor: last ? cursorOf(scoring.id, last) : null,
    };
  }

  /** How many there are, and how many yeses to expect of them. */
  async total(ctx: TenantContext, { scoring }: AudienceSource, minProbability: number) {
    return this.scores.total(ctx, scoring.id, minProbability);
  }

  /** The profit of approaching everybody from a threshold on, for each threshold. */
  async profit(ctx: TenantContext, version: ModelVersion, payoff: Payoff): Promise<VersionProfit> {
    const [validation, test] = [
      await this.part(ctx, version, 'validation'),
      await this.part(ctx, version, 'test'),
    ];
    const curve = profitCurve(validation.labels_N, validation.probabilities_N, payoff);
    return {
      validation: curve,
      test: profitAt(test.labels_N, test.probabilities_N, payoff, curve.best.threshold),
      validationExamples: validation.labels_N.length,
      testExamples: test.labels_N.length,
    };
  }

  private async part(
    ctx: TenantContext,
    { predictionsSha256 }: ModelVersion,
    part: 'test' | 'validation',
  ): Promise<Examples> {
    const { tenantId } = ctx.actor;
    return this.parts.get(`${tenantId} ${predictionsSha256} ${part}`, async () => {
      const labels: number[] = [];
      const probabilities: number[] = [];
      const path = await this.stores.forTenant(tenantId).localPath(predictionsSha256);
      await readHeldOut(path, () => (fields) => {
        if (fields[FIELDS.part] !== part) return;
        labels.push(Number(fields[FIELDS.label]));
        probabilities.push(Number(fields[FIELDS.probability]));
      });
      return { labels_N: Float32Array.from(labels), probabilities_N: Float32Array.from(probabilities) };
    });
  }
}

/** Names the scoring as well as the place in it, which never changes. */
function cursorOf(scoringId: string, { id }: RankedScore): string {
  return encodeCursor(`${scoringId} ${id}`);
}

function placeOf(cursor: string): { readonly scoringId: string; readonly rank: string } {
  const [scoringId = '', rank = ''] = Buffer.from(cursor, 'base64url').toString().split(' ');
  if (!isUuid(scoringId) || !/^\d{1,15}$/.test(rank)) throw unknownCursor();
  return { scoringId, rank };
}
