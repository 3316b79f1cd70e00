import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DuckDbSession } from '../preparation/duckdb-session';
import { SCORE_COLUMNS, SCORES_HEADER } from './scored-example';

export interface ScoreFilesOptions {
  /** The lines of all examples, in their order: pieces that end with a line each. */
  readonly parts: AsyncIterable<Uint8Array>;
  readonly format: 'CSV' | 'PARQUET';
  /** An existing folder; the files are made in it. */
  readonly workDirectory: string;
  readonly memoryLimitMb?: number | undefined;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ScoreFiles {
  /** In the order of the examples. */
  readonly scores: string;
  /** Parquet, by falling probability, with the column `rank` from 1. */
  readonly ranking: string;
}

/** Rows that are read together: a page needs one such group, or two. */
const GROUP_ROWS = 8_192;

/** Makes the files of a scoring from its parts. Memory does not grow with them: DuckDB sorts on disk. */
export async function writeScoreFiles(options: ScoreFilesOptions): Promise<ScoreFiles> {
  const { parts, format, signal } = options;
  const folder = join(resolve(options.workDirectory), 'scores');
  await mkdir(folder, { recursive: true });
  const csv = join(folder, 'scores.csv');
  await pipeline(withHeader(parts), createWriteStream(csv), { signal });
  const parquet = join(folder, 'scores.parquet');
  const ranking = join(folder, 'ranking.parquet');
  const session = await DuckDbSession.open({ ...options, filePath: csv, workDirectory: folder });
  const all = `read_csv('${csv.replaceAll("'", "''")}', auto_detect = false, header = true, strict_mode = true,
    delim = ',', quote = '"', escape = '"', columns = ${SCORE_COLUMNS})`;
  const copy = (query: string, target: string) =>
    session.run(
      `COPY (${query}) TO '${target.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${GROUP_ROWS})`,
    );
  try {
    if (format === 'PARQUET') await copy(`SELECT * FROM ${all}`, parquet);
    await copy(
      `SELECT row_number() OVER () AS rank, * FROM (SELECT * FROM ${all} ORDER BY probability DESC, "row")`,
      ranking,
    );
  } finally {
    session.close();
  }
  return { scores: format === 'PARQUET' ? parquet : csv, ranking };
}

async function* withHeader(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(SCORES_HEADER);
  yield* parts;
}
