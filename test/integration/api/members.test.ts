import { withOwner } from '../../../src/platform/persistence/owner-connection';
import { OidcProvider } from '../../support/identity/oidc-provider';
import {
  ACCEPT,
  bearer,
  INVITE,
  invite,
  member,
  type Person,
  trust,
  VIEWER,
} from '../../support/identity/people';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

const CHANGE = `mutation ($id: ID!, $role: Role!) { changeMemberRole(input: { memberId: $id, role: $role }) { __typename
  ... on ChangeMemberRoleSuccess { member { role } } ... on Conflict { message } ... on InvalidInput { issues { path } } } }`;
const REMOVE = `mutation ($id: ID!) { removeMember(input: { memberId: $id }) { __typename
  ... on RemoveMemberSuccess { member { state removedAt } } ... on Conflict { message } } }`;
const REVOKE = `mutation ($id: ID!) { revokeInvitation(input: { invitationId: $id }) { __typename
  ... on RevokeInvitationSuccess { invitation { state } } ... on Conflict { message } } }`;
const MEMBERS = `query ($first: Int, $after: String, $state: MemberState) { members(first: $first, after: $after, state: $state) {
  nodes { id role state roleSource email displayName subject issuer invitedById lastSeenAt } pageInfo { hasNextPage endCursor } } }`;
const AUDIT =
  '{ auditLog(first: 100) { nodes { action actorId actorKind actorRole objectId before after } } }';

interface Entry {
  readonly action: string;
  readonly actorId: string;
  readonly objectId: string;
}
interface Listed {
  readonly members: {
    readonly nodes: readonly { readonly id: string; readonly lastSeenAt: string | null }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}

let test: TestApi;
let provider: OidcProvider;
let owner: ApiTenant;
/** Without any credential of its own. */
const stranger = () => test.caller(null);
beforeAll(async () => {
  test = await startTestApi({ config: { identityProviderTargets: 'any' } });
  provider = await OidcProvider.start();
});
beforeEach(async () => {
  owner = await test.tenant();
  await trust(owner, provider);
});
afterAll(async () => {
  await provider.stop();
  await test.close();
});

const join = (subject: string, role?: string, tenant = owner): Promise<Person> =>
  member(test, tenant, { provider, subject, ...(role !== undefined && { role }) });
const accept = async (token: string, invitation: string, input: object = {}) =>
  stranger().send<{ acceptInvitation: object }>(
    ACCEPT,
    { input },
    { authorization: `Bearer ${token}`, 'x-invitation': invitation },
  );
const codeOf = async (query: string, variables: object, { headers }: Person) =>
  (await stranger().send(query, variables, headers)).errors[0]?.extensions['code'];

describe('an invitation', () => {
  it('makes whoever has it and a token of the tenant’s provider a member, once', async () => {
    const { token: invitation, id } = await invite(owner, { role: 'TENANT_ADMIN' });
    expect(invitation).toMatch(/^inv_[A-Za-z0-9_-]{43}$/);
    const ann = await provider.token({
      sub: 'ann',
      name: 'Ann',
      email: 'Ann@Example.com',
      email_verified: true,
    });
    const { data } = await accept(ann, invitation);
    expect(data).toMatchObject({
      acceptInvitation: {
        member: {
          ...{ role: 'TENANT_ADMIN', state: 'ACTIVE', roleSource: 'ASSIGNED', invitedById: owner.keyId },
          ...{ email: 'ann@example.com', displayName: 'Ann' },
        },
        tenant: { id: owner.id },
      },
    });
    const { id: memberId } = (data?.acceptInvitation as { member: { id: string } }).member;
    for (const subject of ['ann', 'bob'])
      expect((await accept(await provider.token({ sub: subject }), invitation)).errors).toMatchObject([
        { extensions: { code: 'UNAUTHENTICATED' } },
      ]);
    expect(await owner.caller.data('{ memberInvitations { nodes { id state memberId } } }')).toEqual({
      memberInvitations: { nodes: [{ id, state: 'ACCEPTED', memberId }] },
    });
    expect((await stranger().send(VIEWER, {}, bearer(ann, owner.id))).data).toMatchObject({
      viewer: { apiKeyId: null, role: 'TENANT_ADMIN', member: { id: memberId }, tenant: { id: owner.id } },
    });
  });

  it('is stored as a hash that the application cannot read', async () => {
    const { token } = await invite(owner);
    await expect(
      test.database.inTenant(owner.id, (scope) => scope.query('SELECT hash FROM member_invitations')),
    ).rejects.toThrow(/permission denied/);
    const log = JSON.stringify(await owner.caller.data(AUDIT));
    expect(log).toContain('MEMBER_INVITED');
    expect(log).not.toContain(token.slice(4));
  });

  it('lets only one of many at the same moment in', async () => {
    const { token: invitation } = await invite(owner);
    const tokens = await Promise.all(Array.from({ length: 6 }, (_, i) => provider.token({ sub: `p${i}` })));
    const answers = await Promise.all(tokens.map((token) => accept(token, invitation)));
    expect(answers.filter(({ data }) => JSON.stringify(data).includes('Success'))).toHaveLength(1);
    const { members } = await owner.caller.data<Listed>(MEMBERS, { first: 10 });
    expect(members.nodes).toHaveLength(1);
  });

  it('that is for an e-mail address is for whoever the provider says has it', async () => {
    const { token: invitation } = await invite(owner, { email: ' Ann@Example.com ' });
    for (const claims of [
      {},
      { email: 'ann@example.com' },
      { email: 'ann@example.com', email_verified: false },
      { email: 'bob@example.com', email_verified: true },
    ])
      expect((await accept(await provider.token(claims), invitation)).status).toBe(401);
    const token = await provider.token({ email: 'ann@example.COM', email_verified: true });
    expect((await accept(token, invitation)).data).toMatchObject({
      acceptInvitation: { __typename: 'AcceptInvitationSuccess' },
    });
  });

  it('cannot be accepted when it was revoked or has expired, nor revoked when it was accepted', async () => {
    const revoked = await invite(owner);
    expect(await owner.caller.data(REVOKE, { id: revoked.id })).toEqual({
      revokeInvitation: { __typename: 'RevokeInvitationSuccess', invitation: { state: 'REVOKED' } },
    });
    const expired = await invite(owner);
    await withOwner(test.ownerUrl, (sql) =>
      sql.query('UPDATE member_invitations SET expires_at = now() WHERE id = $1', [expired.id]),
    );
    for (const { token } of [revoked, expired])
      expect((await accept(await provider.token(), token)).status).toBe(401);
    const used = await invite(owner);
    await accept(await provider.token({ sub: 'used' }), used.token);
    expect(await owner.caller.data(REVOKE, { id: used.id })).toMatchObject({
      revokeInvitation: { __typename: 'Conflict' },
    });
  });

  it('does nothing else, and nothing without a token, with a key, or for who is a member already', async () => {
    const ann = await join('ann');
    const { token: invitation } = await invite(owner, { role: 'TENANT_ADMIN' });
    const headers = { authorization: ann.headers.authorization, 'x-invitation': invitation };
    const asked = await stranger().send(MEMBERS, {}, headers);
    expect(asked.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect((await stranger().http('/downloads/datasets/x', { headers })).status).toBe(403);
    expect((await stranger().send(VIEWER, {}, headers)).data).toMatchObject({
      viewer: { apiKeyId: null, member: null, operations: ['acceptInvitation'], tenant: { id: owner.id } },
    });
    expect((await accept(ann.token, invitation)).data).toMatchObject({
      acceptInvitation: { __typename: 'Conflict' },
    });
    expect((await stranger().send(ACCEPT, { input: {} }, { 'x-invitation': invitation })).status).toBe(401);
    expect(await owner.caller.code(ACCEPT, { input: {} })).toBe('FORBIDDEN');
    // It is still there for somebody else.
    expect((await accept(await provider.token({ sub: 'new' }), invitation)).data).toMatchObject({
      acceptInvitation: { __typename: 'AcceptInvitationSuccess' },
    });
  });

  it('of one tenant is nothing to the providers of another', async () => {
    const elsewhere = await OidcProvider.start();
    const other = await test.tenant();
    await trust(other, elsewhere);
    const { token: invitation } = await invite(other);
    expect((await accept(await provider.token(), invitation)).status).toBe(401);
    await elsewhere.stop();
  });

  it('is checked', async () => {
    for (const [input, path] of [
      [{ email: 'nobody' }, 'email'],
      [{ expiresInHours: 0 }, 'expiresInHours'],
      [{ expiresInHours: 721 }, 'expiresInHours'],
      [{ role: 'PLATFORM_ADMIN' }, 'role'],
    ] as const)
      expect(await owner.caller.data(INVITE, { input: { role: 'ANALYST', ...input } })).toMatchObject({
        inviteMember: { __typename: 'InvalidInput', issues: [{ path }] },
      });
    const bare = await test.tenant();
    expect(await bare.caller.data(INVITE, { input: { role: 'ANALYST' } })).toMatchObject({
      inviteMember: { __typename: 'Conflict' },
    });
  });
});

describe('members', () => {
  it('may what their role may, and are listed page by page', async () => {
    const people = [await join('a', 'TENANT_ADMIN'), await join('b'), await join('c', 'SERVICE')];
    const [admin, analyst, service] = people as [Person, Person, Person];
    expect(await codeOf(MEMBERS, {}, analyst)).toBe('FORBIDDEN');
    expect(await codeOf('{ datasets { nodes { id } } }', {}, analyst)).toBeUndefined();
    expect(await codeOf('{ datasets { nodes { id } } }', {}, service)).toBe('FORBIDDEN');
    expect(await codeOf('{ tenants { nodes { id } } }', {}, admin)).toBe('FORBIDDEN');
    expect(await codeOf(MEMBERS, { first: 10 }, admin)).toBeUndefined();
    const seen: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const { members }: Listed = await owner.caller.data<Listed>(MEMBERS, { first: 2, after });
      seen.push(...members.nodes.map(({ id }) => id));
      ({ hasNextPage: more, endCursor: after } = members.pageInfo);
    }
    expect(seen).toEqual(people.map(({ id }) => id).reverse());
    const { members } = await owner.caller.data<Listed>(MEMBERS, { first: 10, state: 'ACTIVE' });
    expect(members.nodes.find(({ id }) => id === analyst.id)?.lastSeenAt).toEqual(expect.any(String));
    expect(await (await test.tenant()).caller.data(MEMBERS, { first: 10 })).toMatchObject({
      members: { nodes: [] },
    });
  });

  it('get another role, and are removed; every step is in the audit log with who did it', async () => {
    const admin = await join('admin', 'TENANT_ADMIN');
    const ann = await join('ann');
    const by = async (query: string, variables: object) =>
      (await stranger().send<Record<string, object>>(query, variables, admin.headers)).data;
    expect(await by(CHANGE, { id: ann.id, role: 'SERVICE' })).toEqual({
      changeMemberRole: { __typename: 'ChangeMemberRoleSuccess', member: { role: 'SERVICE' } },
    });
    expect(await by(REMOVE, { id: ann.id })).toMatchObject({
      removeMember: { member: { state: 'REMOVED', removedAt: expect.any(String) as string } },
    });
    // Again changes nothing.
    await by(REMOVE, { id: ann.id });
    expect(await by(CHANGE, { id: ann.id, role: 'ANALYST' })).toMatchObject({
      changeMemberRole: { __typename: 'Conflict' },
    });
    const { auditLog } = await owner.caller.data<{ auditLog: { nodes: Entry[] } }>(AUDIT);
    const who = (id: string) => ({ actorId: `member:${id}`, actorKind: 'MEMBER' });
    expect(auditLog.nodes.filter(({ objectId }) => objectId === ann.id)).toMatchObject([
      { action: 'MEMBER_REMOVED', ...who(admin.id), actorRole: 'TENANT_ADMIN', after: { state: 'REMOVED' } },
      {
        action: 'MEMBER_ROLE_CHANGED',
        ...who(admin.id),
        before: { role: 'ANALYST' },
        after: { role: 'SERVICE' },
      },
      { action: 'MEMBER_JOINED', ...who(ann.id), actorRole: 'ANALYST' },
    ]);
    expect(auditLog.nodes.filter(({ action }) => action === 'MEMBER_INVITED')).toMatchObject([
      { actorId: owner.keyId, actorKind: 'API_KEY' },
      { actorId: owner.keyId },
    ]);
    expect(JSON.stringify(auditLog)).not.toMatch(/"ann"/);
  });

  it('that were removed are refused within two seconds; an invitation lets them in as the same member', async () => {
    const ann = await join('ann');
    expect((await stranger().send(VIEWER, {}, ann.headers)).status).toBe(200);
    await owner.caller.data(REMOVE, { id: ann.id });
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now + 2_001);
    expect((await stranger().send(VIEWER, {}, ann.headers)).status).toBe(401);
    clock.mockRestore();
    expect(await join('ann', 'SERVICE')).toMatchObject({ id: ann.id });
  });

  it('of another tenant are not found', async () => {
    const other = await test.tenant();
    await trust(other, provider);
    const { id } = await join('theirs', 'ANALYST', other);
    const { id: invitationId } = await invite(other);
    expect(await owner.caller.code(REMOVE, { id })).toBe('NOT_FOUND');
    expect(await owner.caller.code(CHANGE, { id, role: 'SERVICE' })).toBe('NOT_FOUND');
    expect(await owner.caller.code(REVOKE, { id: invitationId })).toBe('NOT_FOUND');
  });

  it('are not made, nor raised, by a key that is restricted', async () => {
    const { id } = await join('ann');
    const { createApiKey } = await owner.caller.data<{ createApiKey: { apiKey: { key: string } } }>(
      `mutation { createApiKey(input: { name: "r", role: TENANT_ADMIN, operations: ["inviteMember", "changeMemberRole", "removeMember"] }) {
        ... on CreateApiKeySuccess { apiKey { key } } } }`,
    );
    const restricted = test.caller(createApiKey.apiKey.key);
    expect(await restricted.code(INVITE, { input: { role: 'SERVICE' } })).toBe('FORBIDDEN');
    expect(await restricted.code(CHANGE, { id, role: 'TENANT_ADMIN' })).toBe('FORBIDDEN');
    expect(await restricted.data(REMOVE, { id })).toMatchObject({
      removeMember: { __typename: 'RemoveMemberSuccess' },
    });
  });
});
