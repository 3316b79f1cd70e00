/**
 * The code that the system, the driver or the server gave an error, such as `ENOENT` or `23505`; empty when there is
 * none. It looks at the shape alone: errors of the system are not instances of `Error` in every realm.
 */
export function systemCodeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
