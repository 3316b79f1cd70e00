import { createHmac } from 'node:crypto';
import { AppError } from '../../errors';

/** The role that the application connects as: it owns nothing and cannot pass row-level security. */
export const APPLICATION_ROLE = 'propensity_app';

/** How to reach the database as owner, and optionally where the application role is set by the operator. */
export interface DatabaseAddress {
  /** The connection string of the role that owns the tables. */
  readonly ownerUrl: string;
  /** The application role's own connection string; null or absent: derived from the owner's. */
  readonly applicationUrl?: string | null | undefined;
}

/**
 * The connection string of the application role. Without one given, it is the owner's with the role's name and a
 * password that follows from the owner's (HMAC-SHA256), so that no second secret has to be stored anywhere.
 *
 * @throws AppError INVALID_CONFIGURATION when the owner has no password to derive one from
 */
export function applicationUrlOf({ ownerUrl, applicationUrl }: DatabaseAddress): string {
  const url = new URL(applicationUrl ?? ownerUrl);
  // An `options` parameter would override the search path that the job queue depends on.
  url.searchParams.delete('options');
  if (applicationUrl != null) return url.toString();
  if (url.password === '') {
    throw new AppError(
      'INVALID_CONFIGURATION',
      "DATABASE_URL has no password to derive the application role's from: set DATABASE_APP_URL to the connection string of a role that owns nothing",
    );
  }
  const secret = decodeURIComponent(url.password);
  url.username = APPLICATION_ROLE;
  url.password = createHmac('sha256', secret).update(`${APPLICATION_ROLE} password`).digest('base64url');
  return url.toString();
}
