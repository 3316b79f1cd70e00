import { decodeJwt, decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import { AppError } from '../../errors';

/** Signatures that only the holder of a private key can make. */
export const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;
/** How far the clocks of a provider and of the platform may be apart. */
export const CLOCK_SKEW_SECONDS = 60;

const MAX_LENGTH = 16_384;
const FORM = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;

/** A token as it came, before anything of it is believed. */
export interface PresentedToken {
  readonly text: string;
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** The tenant that the token itself names, in its claim `propensity_tenant`. */
  readonly tenant: string | null;
}

const text = z
  .string()
  .min(1)
  .max(2_000)
  // A half of a surrogate pair would be stored as the same character as any other half.
  .regex(/^[^\p{Cc}\p{Cs}]*$/u);
/** Seconds since 1970, up to the year 9999. */
const moment = z.number().min(0).max(253_402_300_799);
const claimsSchema = z.object({
  iss: text,
  sub: text.max(255),
  aud: z.union([text.transform((one) => [one]), z.array(text).min(1).max(100)]),
  exp: moment,
  iat: moment,
  nbf: moment.optional(),
  propensity_tenant: text.optional(),
});

/** Whether a credential is a JSON Web Token, and not an API key. */
export function hasTokenForm(credential: string): boolean {
  return FORM.test(credential);
}

/**
 * Reads a token and finds what is wrong with it by itself. Nothing here depends on any tenant, so what is wrong is said.
 * @throws AppError UNAUTHENTICATED
 */
export function readToken(token: string, now: number): PresentedToken {
  if (token.length > MAX_LENGTH) throw refusal(`is longer than ${MAX_LENGTH} characters`);
  const { header, payload } = decode(token);
  if (!ALGORITHMS.some((algorithm) => algorithm === header.alg))
    throw refusal(`must be signed with one of ${ALGORITHMS.join(', ')}`);
  const read = claimsSchema.safeParse(payload);
  if (!read.success) {
    const claim = String(read.error.issues[0]?.path[0] ?? 'iss');
    throw refusal(`has no claim "${claim}" of the form that is needed`);
  }
  const { iss, aud, exp, iat, nbf, propensity_tenant: tenant = null } = read.data;
  const seconds = now / 1_000;
  if (exp <= seconds - CLOCK_SKEW_SECONDS) throw refusal('has expired: sign in again');
  if (Math.max(nbf ?? iat, iat) > seconds + CLOCK_SKEW_SECONDS) throw refusal('is not valid yet');
  return { text: token, issuer: iss, audiences: aud, tenant };
}

function decode(token: string): { header: { readonly alg?: unknown }; payload: unknown } {
  try {
    return { header: decodeProtectedHeader(token), payload: decodeJwt(token) };
  } catch {
    throw refusal('cannot be read: it must be a signed JSON Web Token');
  }
}

function refusal(problem: string): AppError {
  return new AppError('UNAUTHENTICATED', `The token ${problem}.`);
}
