import { type JWTPayload } from 'jose';
import { OidcProvider, type TokenOptions } from '../../../test/support/identity/oidc-provider';
import { fetchKeys } from './discovery';
import { COOLDOWN_MS, FRESH_MS, KeySets, RETRY_MS, STALE_MS } from './key-sets';
import { readToken } from './presented-token';
import { type Identity, TokenRefused, type TrustedIssuer, verifyToken } from './verify-token';

let provider: OidcProvider;
/** The clock of the cache of keys; tokens have their own. */
let passed: number;
let keySets: KeySets;
beforeEach(async () => {
  provider = await OidcProvider.start();
  passed = 0;
  keySets = new KeySets({
    fetch: (issuer) => fetchKeys(issuer, { targets: 'any' }),
    now: () => passed,
  });
});
afterEach(() => provider.stop().catch(() => undefined));

const trusted = (more: Partial<TrustedIssuer> = {}): TrustedIssuer => ({
  tenantId: 'ours',
  issuer: provider.issuer,
  audiences: ['other', 'propensity'],
  ...more,
});
const verify = (token: string, more?: Partial<TrustedIssuer>): Promise<Identity> =>
  verifyToken(readToken(token, Date.now()), trusted(more), { keySets, now: Date.now() });
const issue = (claims?: JWTPayload, options?: TokenOptions): Promise<string> =>
  provider.token(claims, options);

describe('keys', () => {
  it('are fetched once for many tokens, and again when they are no longer fresh', async () => {
    const token = await issue();
    await Promise.all(Array.from({ length: 20 }, () => verify(token)));
    expect(provider.keyRequests).toBe(1);
    passed = FRESH_MS + 1;
    await verify(token);
    expect(provider.keyRequests).toBe(2);
  });

  it('that were rotated are found by one request, however many tokens come', async () => {
    await verify(await issue());
    await provider.rotate('second');
    passed = COOLDOWN_MS;
    const token = await issue();
    await Promise.all(Array.from({ length: 20 }, () => verify(token)));
    expect(provider.keyRequests).toBe(2);
  });

  it('that nobody has are asked for every 30 seconds at most, and do not keep out good tokens', async () => {
    const good = await issue();
    await verify(good);
    for (let i = 0; i < 50; i++) {
      const forged = await issue({}, { header: { kid: `no-${i}` } });
      await expect(verify(forged)).rejects.toThrow(TokenRefused);
    }
    expect(provider.keyRequests).toBe(1);
    passed = COOLDOWN_MS;
    const floods = Array.from({ length: 50 }, async (_, i) =>
      verify(await issue({}, { header: { kid: `x${i}` } })),
    );
    expect((await Promise.allSettled(floods)).every(({ status }) => status === 'rejected')).toBe(true);
    expect(provider.keyRequests).toBe(2);
    await expect(verify(good)).resolves.toBeDefined();
  });

  it('that were withdrawn are refused once they are no longer fresh', async () => {
    const token = await issue();
    await verify(token);
    await provider.rotate('second');
    passed = FRESH_MS + 1;
    await expect(verify(token)).rejects.toThrow(TokenRefused);
  });

  it('of each tenant are its own', async () => {
    const token = await issue();
    await verify(token);
    await verify(token, { tenantId: 'theirs' });
    expect(provider.keyRequests).toBe(2);
  });

  it('go on for a day while their provider does not answer, and then no longer', async () => {
    const token = await issue();
    await verify(token);
    await provider.stop();
    for (const time of [FRESH_MS + 1, FRESH_MS + COOLDOWN_MS, STALE_MS - 1]) {
      passed = time;
      await expect(verify(token)).resolves.toBeDefined();
    }
    passed = STALE_MS + 1;
    await expect(verify(token)).rejects.toThrow(TokenRefused);
    await provider.restart();
    passed += RETRY_MS;
    await expect(verify(token)).resolves.toBeDefined();
  });

  it('that never came let nobody in, until they come', async () => {
    const token = await issue();
    await provider.stop();
    await expect(verify(token)).rejects.toThrow(/nothing answers/);
    await provider.restart();
    await expect(verify(token)).rejects.toThrow(/a moment ago/);
    expect(provider.keyRequests).toBe(0);
    passed = RETRY_MS;
    await expect(verify(token)).resolves.toBeDefined();
  });
});
