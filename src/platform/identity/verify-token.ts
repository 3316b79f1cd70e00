import { type JWTPayload, jwtVerify } from 'jose';
import { messageOf } from '../../errors';
import { type KeySets } from './key-sets';
import { ALGORITHMS, CLOCK_SKEW_SECONDS, type PresentedToken } from './presented-token';

/** Whose tokens a tenant takes. */
export interface TrustedIssuer {
  readonly tenantId: string;
  readonly issuer: string;
  /** A token must be meant for one of them. */
  readonly audiences: readonly string[];
}

/** What a token says of a person, once it is believed. */
export interface Identity {
  readonly issuer: string;
  /** Who it is; unique and lasting within the issuer. */
  readonly subject: string;
  /** In lower case; null unless the issuer says that it has been verified. */
  readonly email: string | null;
  readonly name: string | null;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly claims: JWTPayload;
}

const MAX_TEXT = 320;

/** Why a token is not believed. Not for clients, who must not learn which tenant trusts whom. */
export class TokenRefused extends Error {}

/**
 * Believes a token, or does not: signature by a key of this issuer, issuer, audience and times.
 * @throws TokenRefused, also when the issuer's keys cannot be had
 */
export async function verifyToken(
  token: PresentedToken,
  trusted: TrustedIssuer,
  options: { readonly keySets: KeySets; readonly now: number },
): Promise<Identity> {
  // Before any key is fetched.
  if (token.issuer !== trusted.issuer) throw new TokenRefused('another issuer');
  if (!token.audiences.some((audience) => trusted.audiences.includes(audience)))
    throw new TokenRefused('another audience');
  const payload = await verifiedClaims(token, trusted, options);
  const { sub: subject = '', iat: issuedAt = 0, exp = 0 } = payload;
  const verified = payload['email_verified'] === true || payload['email_verified'] === 'true';
  return {
    issuer: trusted.issuer,
    subject,
    email: verified ? inLowerCase(textOf(payload['email'])) : null,
    name: textOf(payload['name']) ?? textOf(payload['preferred_username']),
    issuedAt: Math.floor(issuedAt),
    expiresAt: exp * 1_000,
    claims: payload,
  };
}

async function verifiedClaims(
  { text }: PresentedToken,
  trusted: TrustedIssuer,
  { keySets, now }: { readonly keySets: KeySets; readonly now: number },
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(text, keySets.finder(trusted), {
      algorithms: [...ALGORITHMS],
      issuer: trusted.issuer,
      audience: [...trusted.audiences],
      clockTolerance: CLOCK_SKEW_SECONDS,
      currentDate: new Date(now),
      requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
    });
    return payload;
  } catch (error) {
    throw new TokenRefused(messageOf(error), { cause: error });
  }
}

/** Of ASCII letters alone: elsewhere, different letters have the same lower case, and addresses stay different. */
function inLowerCase(email: string | null): string | null {
  return email?.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) ?? null;
}

/** Not longer than may be shown, without control characters. */
function textOf(claim: unknown): string | null {
  if (typeof claim !== 'string') return null;
  const text = claim
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, MAX_TEXT);
  return text === '' ? null : text;
}
