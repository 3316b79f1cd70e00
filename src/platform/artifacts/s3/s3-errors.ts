import { z } from 'zod';
import { AppError, systemCodeOf } from '../../../errors';

/** What a store says, by the error's name, and what a person can do about it. */
const REMEDIES: Readonly<Record<string, string>> = {
  NoSuchBucket: 'its bucket does not exist: make it, or set ARTIFACT_URL',
  PermanentRedirect: 'its bucket is in another region: set PROPENSITY_S3_REGION',
  AuthorizationHeaderMalformed: 'its bucket is in another region: set PROPENSITY_S3_REGION',
  AccessDenied: 'permission is denied: let these credentials read, write, delete and list in the bucket',
  Forbidden: 'permission is denied: let these credentials read, write, delete and list in the bucket',
  InvalidAccessKeyId: 'the credentials are not known: set others',
  SignatureDoesNotMatch: 'the credentials are not right: set others',
  ExpiredToken: 'the credentials have expired: set others',
  CredentialsProviderError: 'there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  RequestTimeTooSkewed: 'the clock of this machine is wrong: set it',
  SlowDown: 'it is asked for too much: try again later',
  ServiceUnavailable: 'it is overloaded: try again later',
  XMinioStorageFull: 'it is full: free space',
  QuotaExceeded: 'its quota is used up: free space',
  InsufficientStorage: 'it is full: free space',
};

/** The same where the name does not say it, as in answers without a body. */
const REMEDIES_BY_STATUS: Readonly<Record<number, string>> = {
  403: 'permission is denied: let these credentials read, write, delete and list in the bucket',
  429: 'it is asked for too much: try again later',
  500: 'it fails: try again later',
  503: 'it is overloaded: try again later',
  507: 'it is full: free space',
};

/** Errors of the connection, by their name or the system's code. */
const UNREACHABLE = new Set([
  ...['TimeoutError', 'NetworkingError', 'IncompleteBody'],
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['EPIPE', 'ETIMEDOUT', 'ECONNABORTED'],
]);

/** Whether an error says that what was asked for is not there, while its bucket is. */
export function isAbsent(error: unknown): boolean {
  return statusOf(error) === 404 && nameOf(error) !== 'NoSuchBucket';
}

/** Whether asking again may help: the connection broke. */
export function isBrokenConnection(error: unknown): boolean {
  return [systemCodeOf(error), nameOf(error)].some((word) => UNREACHABLE.has(word));
}

/** Turns a failure of the store into AppError UNAVAILABLE; everything else is returned as it is. */
export function s3Error(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const name = nameOf(error);
  const reason =
    REMEDIES[name] ??
    REMEDIES_BY_STATUS[statusOf(error) ?? 0] ??
    (isBrokenConnection(error) ? 'it cannot be reached: try again later' : null) ??
    (statusOf(error) === null ? null : `it answers ${name}`);
  if (reason === null) return error;
  return new AppError('UNAVAILABLE', `the object store does not work, because ${reason}`, [], {
    cause: error,
  });
}

const named = z.object({ name: z.string() });
const answered = z.object({ $metadata: z.object({ httpStatusCode: z.number() }) });

/** The HTTP status of an error that the store answered with; null for any other error. */
function statusOf(error: unknown): number | null {
  return answered.safeParse(error).data?.$metadata.httpStatusCode ?? null;
}

/** What kind of error it is. It looks at the shape alone: errors of the system are not instances of `Error` in every realm. */
function nameOf(error: unknown): string {
  return named.safeParse(error).data?.name ?? '';
}
