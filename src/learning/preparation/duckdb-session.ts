import { availableParallelism } from 'node:os';
import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';

export interface SessionOptions {
  /** The one file that may be read. */
  readonly filePath: string;
  /** And those that it is joined with. */
  readonly otherPaths?: readonly string[] | undefined;
  /** Where DuckDB spills to. */
  readonly workDirectory: string;
  readonly memoryLimitMb?: number | undefined;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_MEMORY_MB = 512;

/**
 * An in-memory DuckDB that reads one file, with those that it is joined with, and spills to one folder, and can do nothing else: no other paths, no
 * network, no extensions, and its settings are locked. Abort interrupts the running query.
 */
export class DuckDbSession {
  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly signal: AbortSignal | undefined,
  ) {}

  static async open(options: SessionOptions): Promise<DuckDbSession> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(options.threads ?? availableParallelism()),
      memory_limit: `${options.memoryLimitMb ?? DEFAULT_MEMORY_MB}MB`,
      temp_directory: options.workDirectory,
      preserve_insertion_order: 'true',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    const session = new DuckDbSession(instance, connection, options.signal);
    // Moments without an offset are UTC, whatever the machine's zone.
    await session.run("SET TimeZone = 'UTC'");
    // Of a file it does not know the rows beforehand: taken for few, they would be compared with all others one by one.
    await session.run('SET asof_loop_join_threshold = 0');
    const paths = [options.filePath, ...(options.otherPaths ?? [])];
    await session.run(`SET allowed_paths = [${paths.map(literal).join(', ')}]`);
    await session.run(`SET allowed_directories = [${literal(options.workDirectory)}]`);
    await session.run('SET enable_external_access = false');
    await session.run('SET lock_configuration = true');
    return session;
  }

  async run(sql: string, parameters: DuckDBValue[] = []): Promise<void> {
    await this.guarded(() => this.connection.run(sql, parameters));
  }

  /** All rows of a small result. */
  async rows(sql: string, parameters: DuckDBValue[] = []): Promise<DuckDBValue[][]> {
    return this.guarded(async () => (await this.connection.run(sql, parameters)).getRows());
  }

  /** Names and types of a query's columns; its rows are not read. */
  async columns(
    sql: string,
    parameters: DuckDBValue[] = [],
  ): Promise<ReadonlyArray<{ readonly name: string; readonly type: DuckDBType }>> {
    const result = await this.guarded(() => this.connection.run(`FROM (${sql}) LIMIT 0`, parameters));
    return result.columnNames().map((name, index) => ({ name, type: result.columnType(index) }));
  }

  /** A result in chunks, never in memory as a whole. While one is looked at, DuckDB makes the next. */
  async *stream(sql: string, parameters: DuckDBValue[] = []): AsyncGenerator<DuckDBDataChunk> {
    const result = await this.guarded(() => this.connection.stream(sql, parameters));
    let next = this.guarded(() => result.fetchChunk());
    try {
      for (;;) {
        const chunk = await next;
        if (!chunk || chunk.rowCount === 0) return;
        next = this.guarded(() => result.fetchChunk());
        yield chunk;
      }
    } finally {
      // Whoever stopped early may close the session only after this; of an error they heard, or do not care.
      await next.catch(() => null);
    }
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }

  private async guarded<T>(query: () => Promise<T>): Promise<T> {
    const { signal } = this;
    signal?.throwIfAborted();
    const interrupt = () => this.connection.interrupt();
    signal?.addEventListener('abort', interrupt, { once: true });
    try {
      return await query();
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', interrupt);
    }
  }
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
