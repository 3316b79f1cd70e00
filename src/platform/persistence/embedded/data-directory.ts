import fs from 'node:fs';
import path from 'node:path';
import { AppError, systemCodeOf } from '../../../errors';

/** A larger log is put aside at the next start, in place of the one before. */
const MAX_LOG_BYTES = 16 * 1024 * 1024;
const CANNOT_WRITE = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EEXIST',
  'ENOSPC',
  'EDQUOT',
  'ENOENT',
  'ELOOP',
]);

/**
 * Makes the data directory and opens a log file in it for appending, which is also the test that it can be written.
 * @throws AppError INVALID_CONFIGURATION when it cannot
 */
export function openLog(dataDirectory: string): { readonly fd: number; readonly file: string } {
  const file = path.join(dataDirectory, 'postgres.log');
  return explained(dataDirectory, () => {
    // Root's server runs as another user, who must be able to pass through to its own files.
    makeFolder(dataDirectory, process.getuid?.() === 0 ? 0o711 : 0o700);
    const log = fs.statSync(file, { throwIfNoEntry: false });
    if (log && log.size > MAX_LOG_BYTES) fs.renameSync(file, `${file}.1`);
    const fd = fs.openSync(file, 'a', 0o600);
    if (process.getuid?.() === 0) {
      // What root starts once, the folder's owner can start again.
      const { uid, gid } = fs.statSync(dataDirectory);
      fs.fchownSync(fd, uid, gid);
    }
    return { fd, file };
  });
}

/** Runs work on files of the data directory and says what to do when they cannot be written. */
export function explained<T>(dataDirectory: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = systemCodeOf(error);
    if (!CANNOT_WRITE.has(code)) throw error;
    throw new AppError(
      'INVALID_CONFIGURATION',
      `the data directory ${dataDirectory} cannot be written (${code}): make it writable, or set PROPENSITY_DATA_DIRECTORY to a folder that is`,
      [],
      { cause: error },
    );
  }
}

/** Makes a folder and those above it. Unlike the system's own way, its error says which step failed and why. */
function makeFolder(folder: string, mode: number): void {
  try {
    fs.mkdirSync(folder, { mode });
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'EEXIST' && fs.statSync(folder).isDirectory()) return;
    if (code !== 'ENOENT' || path.dirname(folder) === folder) throw error;
    makeFolder(path.dirname(folder), mode);
    makeFolder(folder, mode);
  }
}
