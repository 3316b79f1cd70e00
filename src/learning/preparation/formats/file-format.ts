import { AppError, type Issue } from '../../../errors';

export const FILE_TYPES = ['CSV', 'JSON_LINES', 'PARQUET'] as const;
/** CSV stands for every text of delimited fields, whatever the delimiter. */
export type FileType = (typeof FILE_TYPES)[number];

export const COMPRESSIONS = ['NONE', 'GZIP', 'ZSTD'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

/** What is known of a file's format before it is read; what is null or absent is found out from its content. */
export interface DeclaredFormat {
  readonly type?: FileType | null | undefined;
  /** One ASCII character; a space stands for runs of blanks. */
  readonly delimiter?: string | null | undefined;
  readonly hasHeader?: boolean | null | undefined;
  /** The names of all columns in the file's order, instead of its header's or of column1, column2, … */
  readonly columns?: readonly string[] | null | undefined;
}

/** How a file is written, as it was found out. Given as a declaration, it makes the same file read the same again. */
export interface FileFormat extends DeclaredFormat {
  readonly type: FileType;
  readonly compression: Compression;
  /** Null unless CSV. */
  readonly delimiter: string | null;
  /** Null unless CSV. */
  readonly hasHeader: boolean | null;
  /** Only where they were declared. */
  readonly columns: readonly string[] | null;
}

/** The most columns that are read. */
export const MAX_COLUMNS = 4096;
/** A delimiter could be any of these, and nothing else. */
const DELIMITER = /^[\t -~]$/;
const NO_DELIMITER = /^["A-Za-z0-9]$/;

/**
 * Checks what was declared before there is a file.
 * @throws AppError BAD_USER_INPUT with an issue for each field that is wrong
 */
export function checkDeclaredFormat({ type, delimiter, hasHeader, columns }: DeclaredFormat): void {
  const issues: Issue[] = [];
  const complain = (field: string, message: string) => issues.push({ path: `format.${field}`, message });
  if (type != null && type !== 'CSV')
    for (const [field, value] of Object.entries({ delimiter, hasHeader, columns }))
      if (value != null) complain(field, 'is only of CSV: leave it out');
  if (delimiter != null && (!DELIMITER.test(delimiter) || NO_DELIMITER.test(delimiter)))
    complain('delimiter', 'must be one ASCII character, and no letter, digit or quote');
  if (columns != null) {
    if (columns.length === 0 || columns.length > MAX_COLUMNS)
      complain('columns', `must be 1 to ${MAX_COLUMNS} names`);
    if (columns.some((name) => name.trim() === '')) complain('columns', 'holds an empty name');
    const twice = columns.find((name, index) => columns.indexOf(name) !== index);
    if (twice !== undefined) complain('columns', `holds ${JSON.stringify(twice)} twice`);
  }
  if (issues.length > 0)
    throw new AppError('BAD_USER_INPUT', 'The format cannot be used as it is declared.', issues);
}
