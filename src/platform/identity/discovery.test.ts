import { json, OidcProvider, signingKey } from '../../../test/support/identity/oidc-provider';
import { fetchKeys } from './discovery';

let provider: OidcProvider;
beforeEach(async () => {
  provider = await OidcProvider.start();
});
afterEach(() => provider.stop());

describe('fetchKeys', () => {
  const keysOf = (issuer = provider.issuer, targets: 'public' | 'any' = 'any') =>
    fetchKeys(issuer, { targets });

  it('takes public keys for signatures, and leaves out all others', async () => {
    const rsa = await signingKey('rsa', 'RS256');
    const p384 = await signingKey('p384', 'ES384');
    provider.answers.set(provider.keysPath, (_request, response) =>
      json(response, {
        keys: [
          rsa.jwk,
          { ...rsa.jwk, kid: 'private', d: 'AQAB' },
          { ...rsa.jwk, kid: 'encryption', use: 'enc' },
          { ...rsa.jwk, kid: 'giant', n: 'x'.repeat(3_000) },
          { ...rsa.jwk, kid: 'slow', e: 'x'.repeat(300) },
          { kty: 'oct', kid: 'secret', k: 'c2VjcmV0' },
          p384.jwk,
          { kty: 'EC', crv: 'P-256', kid: 'half', x: 'AQ' },
          { kid: 'nothing' },
        ],
      }),
    );
    expect((await keysOf()).map(({ kid }) => kid)).toEqual(['rsa']);
  });

  it('works for an issuer with a path, with and without a slash at the end', async () => {
    for (const path of ['/realms/a', '/realms/a/']) {
      const other = await OidcProvider.start(path);
      expect(await fetchKeys(other.issuer, { targets: 'any' })).toHaveLength(1);
      await other.stop();
    }
  });

  it.each<[string, (provider: OidcProvider) => void, RegExp]>([
    [
      'names another issuer',
      (at) =>
        at.answers.set(at.configurationPath, (_, response) =>
          json(response, { issuer: 'https://accounts.example', jwks_uri: `${at.issuer}/keys` }),
        ),
      /names another issuer/,
    ],
    [
      'leads elsewhere',
      (at) =>
        at.answers.set(at.configurationPath, (_, response) =>
          response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
        ),
      /redirects are not followed/,
    ],
    [
      'is missing',
      (at) => at.answers.set(at.configurationPath, (_, response) => response.writeHead(404).end()),
      /HTTP 404/,
    ],
    [
      'is no JSON',
      (at) => at.answers.set(at.configurationPath, (_, response) => response.end('<html>')),
      /not JSON/,
    ],
    [
      'says nothing',
      (at) => at.answers.set(at.configurationPath, (_, response) => json(response, [])),
      /no "issuer"/,
    ],
    [
      'has keys on a file',
      (at) =>
        at.answers.set(at.configurationPath, (_, response) =>
          json(response, { issuer: at.issuer, jwks_uri: 'file:///etc/passwd' }),
        ),
      /must begin with/,
    ],
    [
      'has keys that lead elsewhere',
      (at) =>
        at.answers.set(at.keysPath, (_, response) =>
          response.writeHead(307, { location: 'http://10.0.0.1/' }).end(),
        ),
      /redirects are not followed/,
    ],
    [
      'has a huge key set',
      (at) =>
        at.answers.set(at.keysPath, (_, response) => json(response, { keys: [], more: 'x'.repeat(200_000) })),
      /larger than 131072 bytes/,
    ],
    [
      'has too many keys',
      (at) =>
        at.answers.set(at.keysPath, (_, response) =>
          json(response, { keys: Array.from({ length: 101 }, () => ({})) }),
        ),
      /at most 100/,
    ],
    [
      'has no keys',
      (at) => at.answers.set(at.keysPath, (_, response) => json(response, { keys: [] })),
      /no key for signatures/,
    ],
  ])('refuses a discovery document that %s', async (_, change, why) => {
    change(provider);
    await expect(keysOf()).rejects.toThrow(why);
  });

  it('goes nowhere that is not https on the public internet', async () => {
    await expect(keysOf(provider.issuer, 'public')).rejects.toThrow(/must begin with https/);
    for (const issuer of ['https://127.0.0.1:1', 'https://[::1]:1', 'https://169.254.169.254'])
      await expect(keysOf(issuer, 'public')).rejects.toThrow(/public internet/);
    const resolveAll = () => Promise.resolve([{ address: '10.0.0.1', family: 4 }]);
    await expect(fetchKeys('https://inside.example', { targets: 'public', resolveAll })).rejects.toThrow(
      'its discovery document could not be had: the name inside.example leads to an address that is not of the public internet',
    );
    expect(provider.asked.size).toBe(0);
  });

  it('gives up a provider that hangs', async () => {
    provider.answers.set(provider.configurationPath, () => undefined);
    await expect(fetchKeys(provider.issuer, { targets: 'any', timeoutMs: 300 })).rejects.toThrow(
      /no answer came/,
    );
  });
});
