import { type JWK } from 'jose';
import { z } from 'zod';
import {
  type OutboundAnswer,
  type OutboundOptions,
  OutboundProblem,
  requestOutbound,
} from '../network/outbound-request';
import { type OutboundTargets, outboundUrlProblem } from '../network/outbound-url';

export type DiscoveryOptions = Pick<OutboundOptions, 'targets' | 'resolveAll'> & {
  /** For each of the two documents. Default 5 s. */
  readonly timeoutMs?: number;
};

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 128 * 1024;
const MAX_KEYS = 100;
/** 8,192 bits in base64url; larger keys take long to verify with. */
const MAX_MODULUS = 1_366;
const MAX_EXPONENT = 8;

/** Why a provider's keys cannot be had, in words that its tenant may read. */
export class DiscoveryProblem extends Error {}

// Providers say more than is needed; what is not read here is not relied on.
const configurationSchema = z.object({ issuer: z.string(), jwks_uri: z.string() });
const keySetSchema = z.object({ keys: z.array(z.record(z.string(), z.unknown())).max(MAX_KEYS) });
const usage = {
  kid: z.string().max(1_000).optional(),
  alg: z.string().optional(),
  use: z.literal('sig').optional(),
  key_ops: z.array(z.string()).optional(),
  // A key whose private part is public proves nothing.
  d: z.undefined().optional(),
};
const coordinate = z.string().max(100);
const keySchema = z.discriminatedUnion('kty', [
  z.object({
    ...usage,
    kty: z.literal('RSA'),
    n: z.string().max(MAX_MODULUS),
    e: z.string().max(MAX_EXPONENT),
  }),
  z.object({ ...usage, kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate, y: coordinate }),
  z.object({ ...usage, kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: coordinate }),
]);

/** What keeps a text from being the issuer of a provider; null when nothing does. */
export function issuerProblem(issuer: string, targets: OutboundTargets): string | null {
  const problem = outboundUrlProblem(issuer, targets);
  if (problem !== null) return problem;
  return /[?#]/.test(issuer) ? 'must have no query and no fragment' : null;
}

/**
 * The public keys that a provider signs with, by OpenID Connect Discovery 1.0. Its document must name just this issuer;
 * both documents are fetched by the rules for addresses that tenants give.
 *
 * @returns those keys that can be used; others are left out
 * @throws DiscoveryProblem
 */
export async function fetchKeys(issuer: string, options: DiscoveryOptions): Promise<readonly JWK[]> {
  const wrong = issuerProblem(issuer, options.targets);
  if (wrong !== null) throw new DiscoveryProblem(`the issuer ${wrong}`);
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const configuration = configurationSchema.safeParse(
    await fetchJson('discovery document', address, options),
  );
  if (!configuration.success)
    throw new DiscoveryProblem('its discovery document has no "issuer" or no "jwks_uri"');
  if (configuration.data.issuer !== issuer)
    throw new DiscoveryProblem(
      'its discovery document names another issuer: give the issuer exactly as it stands there',
    );
  const keySet = keySetSchema.safeParse(await fetchJson('key set', configuration.data.jwks_uri, options));
  if (!keySet.success)
    throw new DiscoveryProblem(`its key set must have "keys", and at most ${MAX_KEYS} of them`);
  const keys = keySet.data.keys.flatMap((key): JWK[] => {
    const read = keySchema.safeParse(key);
    return read.success ? [withoutUndefined(read.data)] : [];
  });
  if (keys.length === 0)
    throw new DiscoveryProblem(
      'its key set has no key for signatures with RS256, PS256, ES256 or EdDSA (Ed25519)',
    );
  return keys;
}

async function fetchJson(what: string, url: string, options: DiscoveryOptions): Promise<unknown> {
  const { status, body } = await get(what, url, options);
  if (status >= 300 && status < 400)
    throw new DiscoveryProblem(`its ${what} leads elsewhere, and redirects are not followed`);
  if (status !== 200) throw new DiscoveryProblem(`its ${what} was answered with HTTP ${status}`);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new DiscoveryProblem(`its ${what} is not JSON`);
  }
}

async function get(
  what: string,
  url: string,
  { timeoutMs = TIMEOUT_MS, ...options }: DiscoveryOptions,
): Promise<OutboundAnswer> {
  try {
    return await requestOutbound(
      { method: 'GET', url, headers: { accept: 'application/json' } },
      { ...options, timeoutMs, maxBytes: MAX_BYTES },
    );
  } catch (error) {
    // Whatever else the network says may name what is ours.
    const why = error instanceof OutboundProblem ? error.message : 'nothing answers there';
    throw new DiscoveryProblem(`its ${what} could not be had: ${why}`, { cause: error });
  }
}

function withoutUndefined(key: object): JWK {
  return Object.fromEntries(Object.entries(key).filter(([, value]) => value !== undefined)) as JWK;
}
