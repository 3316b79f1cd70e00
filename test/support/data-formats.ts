import { DuckDBInstance } from '@duckdb/node-api';
import { XxHash64 } from '../../src/learning/preparation/formats/xx-hash-64';

/** Zstandard as simple as it gets: one frame, its blocks uncompressed. */
export function storedZstd(content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content);
  // With a checksum, no content size, a window of 128 KiB.
  const parts: Buffer[] = [Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 4, 7 << 3)];
  const step = 100_000;
  for (let at = 0; at === 0 || at < bytes.length; at += step) {
    const block = bytes.subarray(at, at + step);
    const header = Buffer.alloc(3);
    header.writeUIntLE((block.length << 3) | (at + step >= bytes.length ? 1 : 0), 0, 3);
    parts.push(header, block);
  }
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(new XxHash64().update(bytes).digestLow());
  return Buffer.concat([...parts, checksum]);
}

/** Has DuckDB write the rows of a query to a file. @param options of its COPY, such as `FORMAT parquet` */
export async function copyQuery(sql: string, path: string, options: string): Promise<void> {
  const connection = await (await DuckDBInstance.create()).connect();
  try {
    await connection.run(`COPY (${sql}) TO '${path}' (${options})`);
  } finally {
    connection.closeSync();
  }
}

/** Texts as a table, in their order; null is missing. */
export function tableSql(
  header: readonly string[],
  rows: ReadonlyArray<ReadonlyArray<string | null>>,
): string {
  const text = (value: string | null) => (value === null ? 'NULL' : `'${value.replaceAll("'", "''")}'`);
  const values = rows.map((row) => `(${row.map(text).join(', ')})`);
  return `SELECT * FROM (VALUES ${values.join(', ')}) t(${header.map((name) => `"${name}"`).join(', ')})`;
}
