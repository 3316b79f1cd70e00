import {
  type Compression,
  type FileFormat,
  type FileType,
} from '../../learning/preparation/formats/file-format';

const EXTENSIONS: Readonly<Record<FileType, string>> = {
  CSV: '.csv',
  JSON_LINES: '.jsonl',
  PARQUET: '.parquet',
};
const MEDIA_TYPES: Readonly<Record<FileType, string>> = {
  CSV: 'text/csv; charset=utf-8',
  JSON_LINES: 'application/jsonl; charset=utf-8',
  PARQUET: 'application/vnd.apache.parquet',
};
const PACKED: Readonly<Record<Compression, { readonly extension: string; readonly type: string | null }>> = {
  NONE: { extension: '', type: null },
  GZIP: { extension: '.gz', type: 'application/gzip' },
  ZSTD: { extension: '.zst', type: 'application/zstd' },
};

/**
 * How a dataset's file is called and typed when it is downloaded; a compressed one stays so.
 * @param format null for files from before formats were recorded, which are CSV
 */
export function datasetFile(id: string, format: FileFormat | null): { name: string; type: string } {
  const { type, compression } = format ?? ({ type: 'CSV', compression: 'NONE' } as const);
  const packed = PACKED[compression];
  return {
    name: `dataset-${id}${EXTENSIONS[type]}${packed.extension}`,
    type: packed.type ?? MEDIA_TYPES[type],
  };
}
