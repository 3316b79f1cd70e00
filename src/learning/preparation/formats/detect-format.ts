import { AppError } from '../../../errors';
import { type DeclaredFormat, type FileType } from './file-format';

const PARQUET = 'PAR1';
const NAMES: Readonly<Record<FileType, string>> = {
  CSV: 'delimited text',
  JSON_LINES: 'JSON Lines',
  PARQUET: 'Parquet',
};

/** First bytes of what is often uploaded instead of data. */
const FOREIGN_FORMATS: ReadonlyArray<{ readonly bytes: readonly number[]; readonly message: string }> = [
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    message: 'The file is a ZIP archive or a spreadsheet: export its table as CSV.',
  },
  { bytes: [0x1f, 0x8b], message: 'The file is compressed twice: compress it once.' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], message: 'The file is compressed twice: compress it once.' },
  { bytes: [0x42, 0x5a, 0x68], message: 'The file is bzip2-compressed: compress it with gzip or zstd.' },
  {
    bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
    message: 'The file is xz-compressed: compress it with gzip or zstd.',
  },
  { bytes: [0x50, 0x41, 0x52, 0x45], message: 'The Parquet file is encrypted: write it without encryption.' },
  { bytes: [0xff, 0xfe], message: 'The file is encoded in UTF-16: save it as UTF-8.' },
  { bytes: [0xfe, 0xff], message: 'The file is encoded in UTF-16: save it as UTF-8.' },
];

/**
 * What an unpacked file holds, judged by its first bytes.
 * @throws AppError INVALID_DATA when it is empty, of a format that is not read, or of another than was declared
 */
export function fileTypeOf(head: Uint8Array, { type: declared }: DeclaredFormat): FileType {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  if (bytes.length === 0)
    throw new AppError('INVALID_DATA', 'The file is empty: 0 bytes. Upload one with rows.');
  const foreign = FOREIGN_FORMATS.find((format) => format.bytes.every((byte, i) => bytes[i] === byte));
  if (foreign) throw new AppError('INVALID_DATA', foreign.message);
  const text = bytes
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart();
  if (text === '') throw new AppError('INVALID_DATA', 'The file holds only blank lines.');
  if (declared !== 'CSV' && /^\[\s*[{\]]/.test(text))
    throw new AppError('INVALID_DATA', 'The file is one JSON array: write one object per line instead.');
  const isParquet = bytes.subarray(0, PARQUET.length).toString('latin1') === PARQUET;
  const seen = isParquet ? 'PARQUET' : text.startsWith('{') ? 'JSON_LINES' : 'CSV';
  // A header may begin with a brace: who says so is believed.
  if (declared == null || declared === seen || (declared === 'CSV' && !isParquet)) return declared ?? seen;
  throw new AppError(
    'INVALID_DATA',
    `The file is declared to be ${NAMES[declared]}, but it is ${NAMES[seen]}.`,
    [{ path: 'format.type', message: `is ${seen}` }],
  );
}
