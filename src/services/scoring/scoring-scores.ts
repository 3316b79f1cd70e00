import { AppError } from '../../errors';
import { type RankedExample, Ranking } from '../../learning/scoring/ranking';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { type Database } from '../../platform/persistence/database';
import { encodeCursor, type Page, unknownCursor } from '../../platform/persistence/keyset';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { Slots } from '../datasets/slots';
import { BatchScoring, type ScoringFile, type ScoringResult } from './batch-scoring.entity';

/** Rankings that are read at the same time: each takes memory and a core that predictions want as well. */
const READINGS = 2;
/** Most examples of a page. */
export const MAX_SCORES_PAGE = 10_000;

/** A score with its place, by which a page goes on. */
export interface RankedScore extends RankedExample {
  /** The rank, as text. */
  readonly id: string;
  /** The id column's value, or the line of the row; of a stored subject, the subject. */
  readonly exampleId: string;
}

export interface ScoresPageRequest {
  /** How many, 1 to 10,000. */
  readonly first: number;
  /** The `endCursor` of the page before. */
  readonly after?: string | null | undefined;
  /** Only probabilities from here on; all unless given. */
  readonly minProbability?: number | null | undefined;
}

/** Of a scoring whose files are kept. */
type ScoresThere = ScoringResult & { readonly ranking: ScoringFile };

/** Scores above a threshold. */
export interface ScoresTotal {
  readonly count: number;
  /** The sum of their probabilities: the positives to expect among them. */
  readonly expected: number;
}

/**
 * The stored scores of scorings that have succeeded, by falling probability. The hundredth page costs what the first
 * does, and none depends on how many scores there are.
 */
export class ScoringScores {
  private readonly readings = new Slots(READINGS);

  constructor(
    private readonly database: Database,
    private readonly stores: ObjectStores,
  ) {}

  /** @throws AppError NOT_FOUND */
  async scoring(ctx: TenantContext, scoringId: string): Promise<BatchScoring> {
    return this.database.inTenant(ctx.actor.tenantId, (scope) =>
      scope.repository(BatchScoring).getOrThrow(scoringId),
    );
  }

  /**
   * @throws AppError NOT_FOUND; CONFLICT when the scoring has not succeeded; BAD_USER_INPUT for a page size out of bounds or
   *   an unknown cursor
   */
  async page(
    ctx: TenantContext,
    scoringId: string,
    { first, after, minProbability }: ScoresPageRequest,
  ): Promise<Page<RankedScore>> {
    if (!Number.isInteger(first) || first < 1 || first > MAX_SCORES_PAGE) {
      const message = `must be an integer from 1 to ${MAX_SCORES_PAGE}`;
      throw new AppError('BAD_USER_INPUT', `"first" ${message}`, [{ path: 'first', message }]);
    }
    const found = await this.read(ctx, scoringId, (path, result) => {
      const rank = rankOf(after, result.accounting.scored);
      return Ranking.with(path, (ranking) => ranking.page(rank, first + 1, minProbability ?? 0));
    });
    const items = found
      .slice(0, first)
      .map((example) => ({ ...example, exampleId: example.id, id: String(example.rank) }));
    const last = items.at(-1);
    return { items, endCursor: last ? encodeCursor(last.id) : null, hasNextPage: found.length > first };
  }

  /**
   * How many scores lie at or above a probability.
   * @throws AppError NOT_FOUND; CONFLICT when the scoring has not succeeded
   */
  async total(ctx: TenantContext, scoringId: string, minProbability = 0): Promise<ScoresTotal> {
    return this.read(ctx, scoringId, (path) =>
      Ranking.with(path, (ranking) => ranking.total(minProbability)),
    );
  }

  /**
   * Every score at or above a probability, by falling probability, some thousand at a time: for what has to see them all.
   * Memory does not grow with their number.
   * @throws AppError NOT_FOUND; CONFLICT when the scoring has not succeeded; the signal's reason
   */
  async *each(
    ctx: TenantContext,
    scoringId: string,
    { minProbability = 0, signal }: { readonly minProbability?: number; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<readonly RankedScore[]> {
    const path = await this.pathOf(ctx, await this.result(ctx, scoringId));
    const ranking = await Ranking.open(path, signal);
    try {
      for await (const block of ranking.each(minProbability))
        yield block.map((example) => ({ ...example, exampleId: example.id, id: String(example.rank) }));
    } finally {
      ranking.close();
    }
  }

  /** Reads the file of scores; another time where an erasure has put a cleaned one in its place meanwhile. */
  private async read<T>(
    ctx: TenantContext,
    scoringId: string,
    use: (path: string, result: ScoresThere) => Promise<T>,
  ): Promise<T> {
    const result = await this.result(ctx, scoringId);
    try {
      const path = await this.pathOf(ctx, result);
      return await this.readings.run(() => use(path, result));
    } catch (error) {
      const now = await this.result(ctx, scoringId);
      if (now.ranking.sha256 === result.ranking.sha256) throw error;
      return this.read(ctx, scoringId, use);
    }
  }

  private async result(ctx: TenantContext, scoringId: string): Promise<ScoresThere> {
    const { result } = await this.scoring(ctx, scoringId);
    if (!result)
      throw new AppError('CONFLICT', 'The scoring has no scores: wait until its state is SUCCEEDED.');
    const { ranking } = result;
    if (!ranking) throw new AppError('CONFLICT', 'The scores are kept no longer: ask for the scoring again.');
    return { ...result, ranking };
  }

  private pathOf({ actor }: TenantContext, { ranking }: ScoresThere): Promise<string> {
    return this.stores.forTenant(actor.tenantId).localPath(ranking.sha256);
  }
}

/** The rank in a cursor. */
function rankOf(cursor: string | null | undefined, count: number): number {
  if (cursor == null) return 0;
  const text = Buffer.from(cursor, 'base64url').toString();
  const rank = Number(text);
  if (!/^\d{1,15}$/.test(text) || rank < 1 || rank > count) throw unknownCursor();
  return rank;
}
