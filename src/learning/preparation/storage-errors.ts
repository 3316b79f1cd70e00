import { AppError, messageOf } from '../../errors';

/** What DuckDB and the file system report, as users should read it; anything else is returned as it is. */
export function readableError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const message = messageOf(error);
  const cause = { cause: error };
  if (/ENOSPC|no space left|disk quota|max_temp_directory_size/i.test(message))
    return new AppError('UNAVAILABLE', 'The disk is full: free some space and try again.', [], cause);
  if (message.startsWith('Out of Memory'))
    return new AppError(
      'TRAINING_FAILED',
      'The data does not fit in the memory given to preparation.',
      [],
      cause,
    );
  const csvError = /^Invalid Input Error: (CSV Error on Line: \d+)/.exec(message);
  if (csvError)
    return new AppError(
      'INVALID_DATA',
      `The file cannot be read as CSV (${csvError[1] ?? ''}): quote its fields as RFC 4180 says.`,
      [],
      cause,
    );
  return error;
}
