import { join } from 'node:path';
import { readDialect } from '../csv-header';
import { type CsvScan, scanCsv, type ScanOptions } from '../csv-scan';
import { copyCollapsed } from './blank-runs';
import { fileTypeOf } from './detect-format';
import { type FileFormat } from './file-format';
import { convertJsonLines } from './json-lines';
import { scanParquet } from './parquet';
import { readHead } from './read-ends';
import { compressionOf, unpack } from './unpack';

/** Enough to see past blank lines at the top and to judge delimiters; as much as the CSV scan sees. */
const HEAD_BYTES = 1 << 21;
const BLANKS = ' ';

export interface ScannedFile extends CsvScan {
  readonly format: FileFormat;
  /** The unpacked file, whose lines are counted. */
  readonly textPath: string;
}

export interface ScanFileOptions extends ScanOptions {
  /** The most bytes that a compressed file may unpack to. */
  readonly maxUnpackedBytes?: number | undefined;
}

type Found = Pick<FileFormat, 'type' | 'delimiter' | 'hasHeader' | 'columns'>;

/**
 * Finds out a file's format, unpacks it, and walks over what it holds. Whatever the format, the result can be read
 * as the rows of a CSV are, and its line numbers are those of the unpacked original.
 * @throws AppError INVALID_DATA when it is no readable file of a known format, or of another than was declared;
 *   PAYLOAD_TOO_LARGE when it unpacks to too much
 */
export async function scanFile(options: ScanFileOptions): Promise<ScannedFile> {
  const { declared = {}, workDirectory, signal } = options;
  const compression = compressionOf(await readHead(options.path, 4));
  const path = compression === 'NONE' ? options.path : join(workDirectory, 'unpacked');
  const maxBytes = options.maxUnpackedBytes;
  if (compression !== 'NONE') await unpack({ from: options.path, to: path, compression, maxBytes, signal });
  const head = await readHead(path, HEAD_BYTES);
  const type = fileTypeOf(head, declared);
  const unpacked = { ...options, path };
  const { scan, found } =
    type === 'CSV'
      ? await scanDelimited(unpacked, head)
      : type === 'JSON_LINES'
        ? await scanJsonLines(unpacked)
        : await scanTable({ path, workDirectory, maxBytes, signal });
  return { ...scan, textPath: path, format: { compression, ...found } };
}

interface Scanned {
  readonly scan: CsvScan;
  readonly found: Found;
}

async function scanDelimited(options: ScanOptions, head: Buffer): Promise<Scanned> {
  const { declared, wanted } = options;
  const seen = readDialect(head, wanted, declared);
  const { delimiter, hasHeader } = seen;
  const found: Found = { type: 'CSV', delimiter, hasHeader, columns: declared?.columns ?? null };
  if (delimiter !== BLANKS) return { scan: await scanCsv({ ...options, dialect: seen }), found };
  const path = join(options.workDirectory, 'collapsed.tsv');
  await copyCollapsed(options.path, path, options.signal);
  const collapsed = { ...declared, delimiter: '\t', hasHeader };
  return { scan: await scanCsv({ ...options, path, declared: collapsed }), found };
}

async function scanJsonLines(options: ScanFileOptions): Promise<Scanned> {
  const converted = await convertJsonLines({
    from: options.path,
    to: join(options.workDirectory, 'converted.csv'),
    maxBytes: options.maxUnpackedBytes,
    signal: options.signal,
  });
  const { path, columns, records, lines, endsInsideRow } = converted;
  const scan = await scanCsv({ ...options, path, declared: { delimiter: ',', hasHeader: false, columns } });
  if (scan.records !== records || scan.quarantine.count > 0)
    throw new Error(`of ${records} converted records, ${scan.records} can be read`);
  return {
    scan: { ...scan, lines, endsInsideRow, quarantine: converted.quarantine },
    found: { type: 'JSON_LINES', delimiter: null, hasHeader: null, columns: null },
  };
}

async function scanTable(options: Parameters<typeof scanParquet>[0]): Promise<Scanned> {
  const found: Found = { type: 'PARQUET', delimiter: null, hasHeader: null, columns: null };
  return { scan: await scanParquet(options), found };
}
