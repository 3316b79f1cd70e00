import { AppError, systemCodeOf } from '../../errors';

/** What the system says when a file cannot be read or written, and what a person can do about it. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free space',
  EDQUOT: 'the quota is used up: free space',
  EROFS: 'the file system is read-only: make it writable',
  EACCES: 'permission is denied: let the user of this process write there',
  EPERM: 'permission is denied: let the user of this process write there',
  EIO: 'the disk fails: replace it',
  EMFILE: 'too many files are open: raise the limit',
  ENFILE: 'too many files are open: raise the limit',
  EFBIG: 'the file is too large for the file system',
};

/** Turns a failure of the disk into AppError UNAVAILABLE; everything else is returned as it is. */
export function storageError(error: unknown): unknown {
  const remedy = REMEDIES[systemCodeOf(error)];
  if (remedy === undefined) return error;
  return new AppError('UNAVAILABLE', `the object store does not work, because ${remedy}`, [], {
    cause: error,
  });
}
