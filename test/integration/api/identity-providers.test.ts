import { type JWTPayload } from 'jose';
import { readdir } from 'node:fs/promises';
import { OidcProvider, type TokenOptions } from '../../support/identity/oidc-provider';
import { bearer, member, SET_PROVIDER, trust, VIEWER } from '../../support/identity/people';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

const DELETE = `mutation ($id: ID!) { deleteIdentityProvider(input: { identityProviderId: $id }) { __typename
  ... on DeleteIdentityProviderSuccess { identityProvider { issuer } } ... on Conflict { message } } }`;
const PROVIDERS = '{ identityProviders { id issuer audiences roleClaim roles { value role } emailDomains } }';
const MEMBERS = '{ members { nodes { id } } }';
const BY_GROUP = {
  roleClaim: 'realm_access.roles',
  roles: [
    { value: 'admins', role: 'TENANT_ADMIN' },
    { value: 'analysts', role: 'ANALYST' },
  ],
};

let test: TestApi;
let provider: OidcProvider;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi({ config: { identityProviderTargets: 'any' } });
});
beforeEach(async () => {
  provider = await OidcProvider.start();
  owner = await test.tenant();
});
afterEach(() => provider.stop().catch(() => undefined));
afterAll(() => test.close());

interface Viewer {
  readonly viewer: { readonly role: string; readonly member: { readonly id: string } };
}
const send = (headers: Record<string, string>) => test.caller(null).send<Viewer>(VIEWER, {}, headers);
const signIn = async (claims: JWTPayload = {}, options: TokenOptions = {}, tenant = owner.id) =>
  send(bearer(await provider.token(claims, options), tenant));
const roles = (...names: string[]) => ({ realm_access: { roles: names } });
const slugOf = async ({ caller }: ApiTenant) =>
  (await caller.data<{ viewer: { tenant: { slug: string } } }>('{ viewer { tenant { slug } } }')).viewer
    .tenant.slug;

describe('an identity provider', () => {
  it('is set, changed, listed and deleted', async () => {
    const input = {
      issuer: provider.issuer,
      audiences: ['a', 'a', 'b'],
      emailDomains: ['Example.COM'],
      ...BY_GROUP,
    };
    expect(await owner.caller.data(SET_PROVIDER, { input })).toMatchObject({
      setIdentityProvider: {
        identityProvider: { ...input, audiences: ['a', 'b'], emailDomains: ['example.com'] },
      },
    });
    const id = await trust(owner, provider);
    expect(await owner.caller.data(PROVIDERS)).toEqual({
      identityProviders: [
        {
          id,
          issuer: provider.issuer,
          audiences: ['propensity'],
          roleClaim: null,
          roles: [],
          emailDomains: [],
        },
      ],
    });
    const other = await test.tenant();
    expect(await other.caller.data(PROVIDERS)).toEqual({ identityProviders: [] });
    expect(await other.caller.code(DELETE, { id })).toBe('NOT_FOUND');
    expect(await owner.caller.data(DELETE, { id })).toMatchObject({
      deleteIdentityProvider: { __typename: 'DeleteIdentityProviderSuccess' },
    });
    expect(await owner.caller.code(DELETE, { id })).toBe('NOT_FOUND');
  });

  it.each<[string, object, string]>([
    ['an issuer that is no URL', { issuer: 'accounts' }, 'issuer'],
    ['an issuer with a query', { issuer: 'https://example.com/?tenant=1' }, 'issuer'],
    ['an issuer with a password', { issuer: 'https://a:b@example.com' }, 'issuer'],
    ['an issuer where nothing answers', { issuer: 'http://127.0.0.1:1' }, 'issuer'],
    ['no audience', { audiences: [] }, 'audiences'],
    ['an empty audience', { audiences: [' '] }, 'audiences.0'],
    ['roles without a claim', { roles: [{ value: 'x', role: 'ANALYST' }] }, 'roles'],
    ['a claim without roles', { roleClaim: 'groups' }, 'roles'],
    [
      'the platform’s role',
      { roleClaim: 'g', roles: [{ value: 'x', role: 'PLATFORM_ADMIN' }] },
      'roles.0.role',
    ],
    [
      'a value with control characters',
      { roleClaim: 'g', roles: [{ value: 'a\0', role: 'ANALYST' }] },
      'roles.0.value',
    ],
    ['a domain that is none', { emailDomains: ['@example.com'] }, 'emailDomains.0'],
  ])('is not taken with %s', async (_, wrong, path) => {
    const input = { issuer: provider.issuer, audiences: ['propensity'], ...wrong };
    const answer = await owner.caller.data<{ setIdentityProvider: { issues: { message: string }[] } }>(
      SET_PROVIDER,
      { input },
    );
    expect(answer).toMatchObject({ setIdentityProvider: { __typename: 'InvalidInput', issues: [{ path }] } });
    expect(JSON.stringify(answer)).not.toMatch(/ECONN|node:|Error/);
    expect(await owner.caller.data(PROVIDERS)).toEqual({ identityProviders: [] });
  });

  it('is asked nothing where it is not on the public internet, unless the platform allows it', async () => {
    const strict = await startTestApi({ beside: test });
    const caller = owner.caller.at(strict.url);
    for (const issuer of [
      provider.issuer,
      'https://127.0.0.1/',
      'https://[::ffff:127.0.0.1]/',
      'https://localhost/',
    ])
      expect(await caller.data(SET_PROVIDER, { input: { issuer, audiences: ['a'] } })).toMatchObject({
        setIdentityProvider: { __typename: 'InvalidInput', issues: [{ path: 'issuer' }] },
      });
    expect(provider.asked.size).toBe(0);
    // One that was set before is not asked either.
    await trust(owner, provider);
    const person = await member(test, owner, { provider, subject: 'a' });
    const before = provider.keyRequests;
    expect((await test.caller(null).at(strict.url).send(VIEWER, {}, person.headers)).status).toBe(401);
    expect(provider.keyRequests).toBe(before);
    await strict.close();
  });
});

describe('a token', () => {
  beforeEach(() => trust(owner, provider));

  it('of somebody who is no member lets nobody in', async () => {
    expect(await signIn()).toMatchObject({
      status: 401,
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    expect(await owner.caller.data(MEMBERS)).toEqual({ members: { nodes: [] } });
  });

  it('lets a member in by the tenant’s slug or id, and by its own claim; never without either', async () => {
    const { token } = await member(test, owner, { provider, subject: 'a' });
    for (const tenant of [owner.id, owner.id.toUpperCase(), await slugOf(owner)])
      expect(await send(bearer(token, tenant))).toMatchObject({ data: { viewer: { role: 'ANALYST' } } });
    expect(await send({ authorization: `Bearer ${token}` })).toMatchObject({
      status: 401,
      errors: [{ message: expect.stringContaining('x-tenant') as string }],
    });
    const own = await provider.token({ sub: 'a', propensity_tenant: owner.id });
    expect((await send({ authorization: `Bearer ${own}` })).status).toBe(200);
    // What it names itself is not overruled.
    const other = await test.tenant();
    expect((await send(bearer(own, other.id))).status).toBe(401);
  });

  it('reaches uploads and downloads as well', async () => {
    const admin = await member(test, owner, { provider, subject: 'a', role: 'TENANT_ADMIN' });
    const none = '00000000-0000-4000-8000-000000000000';
    const upload = (headers: Record<string, string>) =>
      test.caller(null).http(`/uploads/datasets/${none}`, { method: 'PUT', body: 'x', headers });
    expect((await upload({ ...admin.headers })).status).toBe(404);
    expect((await upload(bearer(admin.token, (await test.tenant()).id))).status).toBe(401);
    expect(await readdir(test.uploads).catch(() => [])).toEqual([]);
  });

  it.each<[string, JWTPayload, TokenOptions]>([
    ['has expired', {}, { expiresIn: -120 }],
    ['is not valid yet', {}, { notBefore: 120 }],
    ['is for another audience', { aud: 'another' }, {}],
    ['is of another issuer', { iss: 'https://accounts.example' }, {}],
    ['names an unknown key', {}, { header: { kid: 'unknown' } }],
  ])('that %s is refused', async (_, claims, options) => {
    await member(test, owner, { provider, subject: 'a' });
    expect(await signIn({ sub: 'a', ...claims }, options)).toMatchObject({
      status: 401,
      data: null,
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  it('goes on being taken while the provider does not answer, where its keys are known; else it is refused', async () => {
    const person = await member(test, owner, { provider, subject: 'a' });
    const another = await startTestApi({ config: { identityProviderTargets: 'any' }, beside: test });
    await provider.stop();
    expect((await send(person.headers)).status).toBe(200);
    expect(await test.caller(null).at(another.url).send(VIEWER, {}, person.headers)).toMatchObject({
      status: 401,
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    await another.close();
  });

  it('stops being taken when its provider is deleted, which its own members cannot do', async () => {
    const admin = await member(test, owner, { provider, subject: 'a', role: 'TENANT_ADMIN' });
    const { identityProviders } = await owner.caller.data<{ identityProviders: { id: string }[] }>(PROVIDERS);
    const id = identityProviders[0]!.id;
    expect((await test.caller(null).send(DELETE, { id }, { ...admin.headers })).data).toMatchObject({
      deleteIdentityProvider: { __typename: 'Conflict' },
    });
    await owner.caller.data(DELETE, { id });
    // Another process remembers nothing.
    const another = await startTestApi({ config: { identityProviderTargets: 'any' }, beside: test });
    expect((await test.caller(null).at(another.url).send(VIEWER, {}, admin.headers)).status).toBe(401);
    await another.close();
  });

  it('is let in only with a verified e-mail address of the domains that are named', async () => {
    await member(test, owner, { provider, subject: 'a' });
    await trust(owner, provider, { emailDomains: ['example.com'] });
    const email_verified = true;
    for (const claims of [
      {},
      { email: 'a@example.com' },
      { email: 'a@evil-example.com', email_verified },
      { email: 'a@example.com.evil.org', email_verified },
      { email: 'a@sub.example.com', email_verified },
      { email: 'example.com', email_verified: false },
    ])
      expect((await signIn({ sub: 'a', ...claims })).status).toBe(401);
    expect((await signIn({ sub: 'a', email: 'A@Example.com', email_verified })).status).toBe(200);
  });
});

describe('two tenants that trust the same issuer, for the same audience', () => {
  let other: ApiTenant;
  beforeEach(async () => {
    other = await test.tenant();
    await trust(owner, provider);
    await trust(other, provider);
  });

  it('have each its own members', async () => {
    const ours = await member(test, owner, { provider, subject: 'ours' });
    const theirs = await member(test, other, { provider, subject: 'theirs', role: 'TENANT_ADMIN' });
    const both = await provider.token({ sub: 'both' });
    await member(test, owner, { provider, subject: 'both', role: 'SERVICE' });
    await member(test, other, { provider, subject: 'both', role: 'ANALYST' });
    expect((await send(bearer(ours.token, other.id))).status).toBe(401);
    expect((await send(bearer(theirs.token, owner.id))).status).toBe(401);
    expect((await send(bearer(both, owner.id))).data?.viewer.role).toBe('SERVICE');
    expect((await send(bearer(both, other.id))).data?.viewer.role).toBe('ANALYST');
  });

  it('give roles by their own claims alone', async () => {
    await trust(other, provider, BY_GROUP);
    expect((await signIn(roles('admins'))).status).toBe(401);
    expect((await signIn(roles('admins'), {}, other.id)).data?.viewer.role).toBe('TENANT_ADMIN');
    expect((await signIn(roles('admins'))).status).toBe(401);
  });

  it('cannot let in through a provider of the other’s', async () => {
    const rogue = await OidcProvider.start();
    await trust(other, rogue);
    const ours = await member(test, owner, { provider, subject: 'ours' });
    // The rogue's keys sign a token that names our issuer, and one that names a subject of ours.
    const [key] = rogue.keys;
    for (const token of [
      await provider.token({ sub: 'ours' }, { key: key! }),
      await rogue.token({ sub: 'ours' }),
      await rogue.token({ sub: 'ours', propensity_tenant: owner.id }),
    ])
      expect((await send(bearer(token, owner.id))).status).toBe(401);
    expect((await send(ours.headers)).status).toBe(200);
    await rogue.stop();
  });

  it('and one that does not exist are refused in the same words', async () => {
    const person = await provider.token({ sub: 'nobody' });
    const unknown = await OidcProvider.start();
    const bare = await test.tenant();
    const answers = await Promise.all([
      send(bearer(person, owner.id)),
      send(bearer(person, bare.id)),
      send(bearer(person, '00000000-0000-4000-8000-000000000000')),
      send(bearer(person, 'no-such-tenant')),
      send(bearer(await unknown.token(), owner.id)),
      signIn({ aud: 'another' }),
      signIn({}, { header: { kid: 'unknown' } }),
      send({ authorization: `Bearer ${person}`, 'x-invitation': `inv_${'x'.repeat(43)}` }),
      send({ authorization: `Bearer ${person}`, 'x-invitation': 'nonsense' }),
    ]);
    const seen = answers.map(({ status, errors }) => [
      status,
      errors[0]?.message,
      errors[0]?.extensions['code'],
    ]);
    expect(new Set(seen.map((words) => JSON.stringify(words))).size).toBe(1);
    expect(seen[0]?.[0]).toBe(401);
    await unknown.stop();
  });
});
