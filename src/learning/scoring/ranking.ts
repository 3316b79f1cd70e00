import { tmpdir } from 'node:os';
import { DuckDbSession } from '../preparation/duckdb-session';
import { type ScoredExample } from './scored-example';

/** An example with its place by falling probability, from 1; of equal ones, the first row comes first. */
export interface RankedExample extends ScoredExample {
  readonly rank: number;
}

const MEMORY_MB = 128;
const COLUMNS = `rank::DOUBLE, "row"::DOUBLE, coalesce(id, ''), subject, epoch_ms("at")::DOUBLE, probability::DOUBLE, logit::DOUBLE`;

/** A file of ranked examples that was written by `writeScoreFiles`. Groups of rows that a question is not about are not read. */
export class Ranking {
  private constructor(
    private readonly session: DuckDbSession,
    private readonly path: string,
  ) {}

  /** Opens the file for the time of `work`. */
  static async with<T>(path: string, work: (ranking: Ranking) => Promise<T>): Promise<T> {
    const ranking = await Ranking.open(path);
    try {
      return await work(ranking);
    } finally {
      ranking.close();
    }
  }

  static async open(path: string, signal?: AbortSignal): Promise<Ranking> {
    const session = await DuckDbSession.open({
      filePath: path,
      workDirectory: tmpdir(),
      memoryLimitMb: MEMORY_MB,
      threads: 1,
      signal,
    });
    return new Ranking(session, path);
  }

  close(): void {
    this.session.close();
  }

  /** The examples of the ranks after `after`, at most so many, of at least this probability. */
  async page(after: number, limit: number, minProbability: number): Promise<RankedExample[]> {
    const rows = await this.session.rows(
      `SELECT ${COLUMNS} FROM read_parquet($1)
        WHERE rank > ${after} AND rank <= ${after + limit} AND ${atLeast(minProbability)} ORDER BY rank`,
      [this.path],
    );
    return rows.map(rankedExample);
  }

  /** How many there are of at least this probability, and the sum of their probabilities: the positives to expect. */
  async total(minProbability: number): Promise<{ readonly count: number; readonly expected: number }> {
    const [row] = await this.session.rows(
      `SELECT count(*)::DOUBLE, coalesce(sum(probability::DOUBLE), 0) FROM read_parquet($1) WHERE ${atLeast(minProbability)}`,
      [this.path],
    );
    return { count: Number(row?.[0]), expected: Number(row?.[1]) };
  }

  /** All examples of at least this probability, by rank, some thousand at a time. */
  async *each(minProbability: number): AsyncGenerator<readonly RankedExample[]> {
    const sql = `SELECT ${COLUMNS} FROM read_parquet($1) WHERE ${atLeast(minProbability)}`;
    for await (const chunk of this.session.stream(sql, [this.path])) yield chunk.getRows().map(rankedExample);
  }
}

const atLeast = (probability: number): string => `probability::DOUBLE >= '${probability}'::DOUBLE`;

function rankedExample([rank, row, id, subject, at, probability, logit]: readonly unknown[]): RankedExample {
  return {
    rank: Number(rank),
    row: Number(row),
    id: String(id),
    subjectId: typeof subject === 'string' ? subject : null,
    at: at === null ? null : new Date(Number(at)),
    probability: Number(probability),
    logit: Number(logit),
  };
}
