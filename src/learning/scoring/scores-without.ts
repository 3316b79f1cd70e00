import { tmpdir } from 'node:os';
import { DuckDbSession } from '../preparation/duckdb-session';
import { SCORE_COLUMNS, scoreLine } from './scored-example';

export interface WithoutOptions {
  readonly path: string;
  readonly format: 'CSV' | 'PARQUET';
  readonly subject: string;
  /** Whether an example without a subject is its own, by its id. */
  readonly byId: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** A file of scores, to be written again without those of a subject. */
export class ScoresOfOthers {
  private constructor(
    private readonly session: DuckDbSession,
    private readonly options: WithoutOptions,
  ) {}

  static async with<T>(options: WithoutOptions, work: (scores: ScoresOfOthers) => Promise<T>): Promise<T> {
    const session = await DuckDbSession.open({
      filePath: options.path,
      workDirectory: tmpdir(),
      threads: 1,
      signal: options.signal,
    });
    try {
      return await work(new ScoresOfOthers(session, options));
    } finally {
      session.close();
    }
  }

  /** How many scores are the subject's. */
  async count(): Promise<number> {
    const [row] = await this.session.rows(`SELECT count(*)::DOUBLE FROM ${this.file} WHERE ${this.isMeant}`, [
      this.options.path,
      this.options.subject,
    ]);
    return Number(row?.[0]);
  }

  /** The subject's scores, in their order. */
  own(): AsyncGenerator<string> {
    return this.lines(this.isMeant);
  }

  /** Those of all others, as lines of a file of scores, in their order. */
  async *others(): AsyncGenerator<Uint8Array> {
    for await (const lines of this.lines(`NOT (${this.isMeant})`)) yield Buffer.from(lines);
  }

  private async *lines(condition: string): AsyncGenerator<string> {
    const chunks = this.session.stream(
      `SELECT "row"::DOUBLE, coalesce(id, ''), subject, epoch_ms("at")::DOUBLE, probability::DOUBLE, logit::DOUBLE
         FROM ${this.file} WHERE ${condition}`,
      [this.options.path, this.options.subject],
    );
    for await (const chunk of chunks)
      yield chunk
        .getRows()
        .map(([row, id, subject, at, probability, logit]) =>
          scoreLine({
            row: Number(row),
            id: typeof id === 'string' ? id : '',
            subjectId: typeof subject === 'string' ? subject : null,
            at: at === null ? null : new Date(Number(at)),
            probability: Number(probability),
            logit: Number(logit),
          }),
        )
        .join('');
  }

  private get file(): string {
    return this.options.format === 'PARQUET'
      ? 'read_parquet($1)'
      : `read_csv($1, auto_detect = false, header = true, strict_mode = true, delim = ',', quote = '"', escape = '"', columns = ${SCORE_COLUMNS})`;
  }

  private get isMeant(): string {
    const own = "coalesce(subject, '') = $2";
    return this.options.byId ? `(${own} OR (coalesce(subject, '') = '' AND coalesce(id, '') = $2))` : own;
  }
}
