import { AppError, messageOf, systemCodeOf } from '../../errors';

/** Driver and server codes that mean: no connection now, perhaps later. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '53300', // too_many_connections
  '53100', // disk_full
  '53200', // out_of_memory
  '25P03', // idle_in_transaction_session_timeout
]);

const LOST_CONNECTION =
  /Connection terminated|[Qq]uery runner (was )?already released|Client was closed|timeout exceeded when trying to connect|timeout expired/;

/** What the server or the driver said, in whatever was thrown: TypeORM wraps it, Node groups the addresses it tried. */
function failureOf(error: unknown): {
  readonly code: string;
  readonly constraint: string;
  readonly message: string;
} {
  if (typeof error === 'object' && error !== null) {
    if ('driverError' in error) return failureOf(error.driverError);
    if ('errors' in error && Array.isArray(error.errors)) return failureOf(error.errors[0]);
  }
  const constraint =
    typeof error === 'object' && error !== null && 'constraint' in error ? error.constraint : '';
  return { code: systemCodeOf(error), constraint: String(constraint), message: messageOf(error) };
}

/**
 * Turns a failure of the connection into AppError UNAVAILABLE, or INVALID_CONFIGURATION when waiting will not help,
 * each with one line that says what to do. Everything else is returned as it is.
 */
export function translateDatabaseError(error: unknown, url?: string): unknown {
  if (error instanceof AppError) return error;
  const { code, message } = failureOf(error);
  const where = url === undefined ? 'the database' : `the database at ${describeUrl(url)}`;
  switch (code) {
    case '28P01':
    case '28000':
      return new AppError(
        'INVALID_CONFIGURATION',
        `${where} refuses the user or the password (${message}): correct DATABASE_URL`,
        [],
        { cause: error },
      );
    case '3D000':
      return new AppError(
        'INVALID_CONFIGURATION',
        `${where} does not exist (${message}): create it or correct DATABASE_URL`,
        [],
        { cause: error },
      );
    default:
  }
  if (UNREACHABLE.has(code) || code.startsWith('08') || LOST_CONNECTION.test(message)) {
    return new AppError(
      'UNAVAILABLE',
      `${where} does not answer (${code === '' ? message : code}): check that it is running and reachable`,
      [],
      { cause: error },
    );
  }
  return error;
}

/** Host, port and database of a connection string, without its credentials. */
export function describeUrl(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `${hostname}:${port === '' ? '5432' : port}${pathname}`;
  } catch {
    return 'a malformed address';
  }
}

/** Whether a statement failed because a row with the same key exists, optionally of one named constraint. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const failure = failureOf(error);
  return failure.code === '23505' && (constraint === undefined || failure.constraint === constraint);
}

/** Whether a statement was given up because it took longer than it may. */
export function isStatementTimeout(error: unknown): boolean {
  return failureOf(error).code === '57014';
}

/** Whether a statement failed because the row that it points at does not exist. */
export function isForeignKeyViolation(error: unknown, constraint?: string): boolean {
  const failure = failureOf(error);
  return failure.code === '23503' && (constraint === undefined || failure.constraint === constraint);
}
