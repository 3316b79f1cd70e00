import { type JWTPayload } from 'jose';
import { OidcProvider, type TokenOptions } from '../../support/identity/oidc-provider';
import { bearer, member, trust, VIEWER } from '../../support/identity/people';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

const MEMBERS = '{ members(first: 100) { nodes { id subject role roleSource state invitedById } } }';
const AUDIT = `{ auditLog(first: 100, filter: { objectKind: MEMBER }) { nodes { action actorId actorKind after } } }`;
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
  provider = await OidcProvider.start();
});
beforeEach(async () => {
  owner = await test.tenant();
  await trust(owner, provider, BY_GROUP);
});
afterAll(async () => {
  await provider.stop();
  await test.close();
});

interface Viewer {
  readonly viewer: { readonly role: string; readonly member: { readonly id: string } };
}
const signIn = async (claims: JWTPayload = {}, options: TokenOptions = {}) =>
  test.caller(null).send<Viewer>(VIEWER, {}, bearer(await provider.token(claims, options), owner.id));
const roles = (...names: string[]) => ({ realm_access: { roles: names } });

describe('a role that a claim gives', () => {
  const state = async () =>
    (await owner.caller.data<{ members: { nodes: object[] } }>(MEMBERS)).members.nodes[0];

  it('makes a member without an invitation, once, whoever asks at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, i) => signIn({ sub: 'a', ...roles('x', 'analysts'), jti: `${i}` })),
    );
    expect(new Set(answers.map(({ data }) => data?.viewer.member.id)).size).toBe(1);
    expect(await owner.caller.data(MEMBERS)).toMatchObject({
      members: {
        nodes: [{ subject: 'a', role: 'ANALYST', roleSource: 'CLAIM', state: 'ACTIVE', invitedById: null }],
      },
    });
    const { auditLog } = await owner.caller.data<{ auditLog: { nodes: object[] } }>(AUDIT);
    expect(auditLog.nodes).toMatchObject([{ action: 'MEMBER_JOINED', actorKind: 'MEMBER' }]);
    expect((await signIn({ sub: 'b', ...roles('x') })).status).toBe(401);
    expect((await signIn({ sub: 'b', realm_access: 'admins' })).status).toBe(401);
  });

  it('follows the newest token: an older one brings back nothing', async () => {
    await signIn({ sub: 'a', ...roles('admins') }, { issuedAgo: 300 });
    expect((await signIn({ sub: 'a', ...roles('analysts') }, { issuedAgo: 200 })).data?.viewer.role).toBe(
      'ANALYST',
    );
    expect(
      (await signIn({ sub: 'a', ...roles('admins'), jti: '2' }, { issuedAgo: 300 })).data?.viewer.role,
    ).toBe('ANALYST');
    expect((await signIn({ sub: 'a', ...roles() }, { issuedAgo: 100 })).status).toBe(401);
    expect(await state()).toMatchObject({ state: 'WITHDRAWN' });
    expect((await signIn({ sub: 'a', ...roles('admins'), jti: '3' }, { issuedAgo: 150 })).status).toBe(401);
    expect((await signIn({ sub: 'a', ...roles('admins') }, { issuedAgo: 50 })).data?.viewer.role).toBe(
      'TENANT_ADMIN',
    );
    const { auditLog } = await owner.caller.data<{ auditLog: { nodes: object[] } }>(AUDIT);
    expect(auditLog.nodes).toMatchObject([
      {
        action: 'MEMBER_ROLE_CHANGED',
        actorKind: 'SYSTEM',
        after: { role: 'TENANT_ADMIN', state: 'ACTIVE' },
      },
      { action: 'MEMBER_ROLE_CHANGED', after: { state: 'WITHDRAWN' } },
      { action: 'MEMBER_ROLE_CHANGED', after: { role: 'ANALYST' } },
      { action: 'MEMBER_JOINED' },
    ]);
  });

  it('lets nobody in again who was removed, and is not changed by hand', async () => {
    const { data } = await signIn({ sub: 'a', ...roles('analysts') });
    const id = data?.viewer.member.id;
    expect(
      await owner.caller.data(
        'mutation ($id: ID!) { changeMemberRole(input: { memberId: $id, role: SERVICE }) { __typename } }',
        { id },
      ),
    ).toEqual({ changeMemberRole: { __typename: 'Conflict' } });
    await owner.caller.data('mutation ($id: ID!) { removeMember(input: { memberId: $id }) { __typename } }', {
      id,
    });
    expect((await signIn({ sub: 'a', ...roles('admins'), jti: '2' })).status).toBe(401);
  });

  it('raises nobody who was invited', async () => {
    await member(test, owner, { provider, subject: 'a', role: 'SERVICE' });
    expect((await signIn({ sub: 'a', ...roles('admins') })).data?.viewer.role).toBe('SERVICE');
  });
});
