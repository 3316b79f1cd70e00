import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { exportSPKI, type JWTPayload, UnsecuredJWT } from 'jose';
import { OidcProvider, signingKey, type TokenOptions } from '../../../test/support/identity/oidc-provider';
import { fetchKeys } from './discovery';
import { FRESH_MS, KeySets } from './key-sets';
import { hasTokenForm, readToken } from './presented-token';
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

describe('a token', () => {
  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('signed with %s is believed', async (alg) => {
    const key = await provider.rotate('k', alg);
    const token = await issue({ sub: 'a', email: 'Ann@Example.com', email_verified: true, name: ' Ann ' });
    expect(hasTokenForm(token)).toBe(true);
    expect(await verify(token)).toMatchObject({
      issuer: provider.issuer,
      subject: 'a',
      email: 'ann@example.com',
      name: 'Ann',
    });
    // Of a key that does not say what it is for, the algorithm is the token's.
    provider.keys = [{ ...key, jwk: { ...key.jwk, alg: undefined, use: undefined } as never }];
    await expect(verify(token)).resolves.toBeDefined();
  });

  it('has an e-mail address only where it is verified', async () => {
    expect((await verify(await issue({ email: 'a@b.c' }))).email).toBeNull();
    expect((await verify(await issue({ email: 'a@b.c', email_verified: false }))).email).toBeNull();
  });

  it('keeps addresses apart that only look alike', async () => {
    const token = await issue({ email: 'mi\u212ae@Example.com', email_verified: true });
    expect((await verify(token)).email).toBe('mi\u212ae@example.com');
  });

  it('is believed without a key id where there is one key, and not where it could be any of two', async () => {
    const token = await issue({}, { header: { kid: undefined } });
    await expect(verify(token)).resolves.toBeDefined();
    provider.keys.unshift(await signingKey('second'));
    passed = FRESH_MS;
    await expect(verify(token)).rejects.toThrow(TokenRefused);
  });

  it.each<[string, JWTPayload, TokenOptions, RegExp]>([
    ['has expired', {}, { expiresIn: -61 }, /expired/],
    ['is not valid yet', {}, { notBefore: 90 }, /not valid yet/],
    ['was issued in the future', {}, { issuedAgo: -90 }, /not valid yet/],
    ['has no subject', { sub: undefined as never }, {}, /"sub"/],
    ['has a subject that is no text', { sub: 7 as never }, {}, /"sub"/],
    ['has a subject with control characters', { sub: 'a\0b' }, {}, /"sub"/],
    ['has a subject with half a character', { sub: 'a\ud800' }, {}, /"sub"/],
    ['expires after the end of time', { exp: 1e300 }, {}, /"exp"/],
    ['never expires', { exp: undefined as never }, {}, /"exp"/],
    ['has no audience', { aud: undefined as never }, {}, /"aud"/],
    ['does not say when it was issued', { iat: undefined as never }, {}, /"iat"/],
    ['is huge', { more: 'x'.repeat(20_000) }, {}, /longer/],
  ])(
    'that %s is refused with the reason, before anything else is looked at',
    async (_, claims, options, why) => {
      const token = await issue(claims, options);
      expect(() => readToken(token, Date.now())).toThrow(why);
      expect(() => readToken(token, Date.now())).toThrow(
        expect.objectContaining({ code: 'UNAUTHENTICATED' }) as Error,
      );
      expect(provider.asked.size).toBe(0);
    },
  );

  it('is given a minute for clocks that differ', async () => {
    await expect(verify(await issue({}, { expiresIn: -30 }))).resolves.toBeDefined();
    await expect(verify(await issue({}, { notBefore: 30 }))).resolves.toBeDefined();
  });

  it.each<[string, JWTPayload, Partial<TrustedIssuer>]>([
    ['another audience', { aud: 'somebody' }, {}],
    ['several other audiences', { aud: ['x', 'y'] }, {}],
    ['another issuer', { iss: 'https://other.example' }, {}],
    ['an issuer that is like it', {}, { issuer: 'https://accounts.example/' }],
  ])('for %s is not believed, and no key is fetched for it', async (_, claims, more) => {
    await expect(verify(await issue(claims), more)).rejects.toThrow(TokenRefused);
    expect(provider.asked.size).toBe(0);
  });

  it('for one audience of several is believed', async () => {
    await expect(verify(await issue({ aud: ['x', 'propensity'] }))).resolves.toBeDefined();
  });
});

describe('a forged token', () => {
  it('without a signature is refused', () => {
    const now = Math.floor(Date.now() / 1_000);
    const token = new UnsecuredJWT({
      iss: provider.issuer,
      sub: 'a',
      aud: 'propensity',
      iat: now,
      exp: now + 60,
    });
    expect(() => readToken(token.encode(), Date.now())).toThrow(/must be signed with one of RS256/);
  });

  it.each(['none', 'None', 'nOnE', 'HS256', 'RS1', 'ES256K', 'dir', ''])(
    'that says "alg": "%s" over a true signature is refused',
    async (alg) => {
      const [, payload, signature] = (await issue()).split('.');
      const header = Buffer.from(JSON.stringify({ alg, kid: 'first' })).toString('base64url');
      expect(() => readToken(`${header}.${payload}.${signature}`, Date.now())).toThrow(/must be signed with/);
    },
  );

  it.each(['RS256', 'ES256'])('by HMAC with the public key of %s is refused', async (alg) => {
    const key = await provider.rotate('k', alg);
    const [, payload] = (await issue()).split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: 'k' })).toString('base64url');
    for (const secret of [await exportSPKI(key.pair.publicKey), JSON.stringify(key.jwk)]) {
      const signature = createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url');
      expect(() => readToken(`${header}.${payload}.${signature}`, Date.now())).toThrow(/must be signed with/);
    }
  });

  it('that names another key of the provider, of another kind, or brings its own is refused', async () => {
    const rsa = await signingKey('rsa', 'RS256');
    provider.keys = [...provider.keys, rsa];
    const forger = await signingKey('first');
    const [ec] = provider.keys;
    for (const [key, header] of [
      [forger, {}],
      [ec!, { kid: 'rsa' }],
      [rsa, { kid: 'first' }],
      [rsa, { alg: 'PS256' }],
      [forger, { jwk: forger.jwk }],
      [forger, { jku: 'http://127.0.0.1:1/keys', kid: 'elsewhere' }],
      [forger, { kid: '../../../dev/null' }],
      [forger, { kid: ['first'] }],
    ] as const)
      await expect(verify(await issue({}, { key, header }))).rejects.toThrow(TokenRefused);
  });

  it('whose content, signature or extensions were changed is refused', async () => {
    const [header, payload, signature] = (await issue()).split('.');
    const changed = Buffer.from(
      JSON.stringify({
        ...(JSON.parse(Buffer.from(payload!, 'base64url').toString()) as object),
        sub: 'boss',
      }),
    ).toString('base64url');
    await expect(verify(`${header}.${changed}.${signature}`)).rejects.toThrow(TokenRefused);
    await expect(verify(`${header}.${payload}.`)).rejects.toThrow(TokenRefused);
    await expect(verify(`${header}.${payload}.${'A'.repeat(86)}`)).rejects.toThrow(TokenRefused);
    const critical = await issue({}, { header: { b64: true, crit: ['b64'] } });
    await expect(verify(critical)).resolves.toBeDefined();
    const [, rest] = critical.split('.');
    const unknown = Buffer.from(JSON.stringify({ alg: 'ES256', kid: 'first', crit: ['x'], x: 1 })).toString(
      'base64url',
    );
    await expect(verify(`${unknown}.${rest}.${signature}`)).rejects.toThrow(TokenRefused);
  });

  it('of which any bit was changed is refused', async () => {
    const parts = (await issue()).split('.').map((part) => Buffer.from(part, 'base64url'));
    const change = fc.record({ part: fc.nat(2), at: fc.nat(10_000), bits: fc.integer({ min: 1, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(change, async ({ part, at, bits }) => {
        const changed = parts.map((bytes) => Buffer.from(bytes));
        const bytes = changed[part]!;
        bytes[at % bytes.length]! ^= bits;
        const forged = changed.map((one) => one.toString('base64url')).join('.');
        await expect((async () => verify(forged))()).rejects.toThrow();
      }),
      { numRuns: 300 },
    );
    await expect(verify(parts.map((one) => one.toString('base64url')).join('.'))).resolves.toBeDefined();
  });

  it.each(['a.b.c', '..', 'e30.e30.e30', `${'x'.repeat(40)}.${'y'.repeat(40)}.`])(
    'that is none, "%s", is refused',
    (token) => {
      expect(() => readToken(token, Date.now())).toThrow(
        expect.objectContaining({ code: 'UNAUTHENTICATED' }) as Error,
      );
    },
  );
});
