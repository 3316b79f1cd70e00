import { OidcProvider } from '../../support/identity/oidc-provider';
import { member, type Person, trust } from '../../support/identity/people';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

const CHANGE = `mutation ($id: ID!, $role: Role!) { changeMemberRole(input: { memberId: $id, role: $role }) { __typename
  ... on ChangeMemberRoleSuccess { member { role } } ... on Conflict { message } ... on InvalidInput { issues { path } } } }`;
const REMOVE = `mutation ($id: ID!) { removeMember(input: { memberId: $id }) { __typename
  ... on RemoveMemberSuccess { member { state removedAt } } ... on Conflict { message } } }`;
const MEMBERS = '{ members(state: ACTIVE) { nodes { id role } } }';

interface Listed {
  readonly members: { readonly nodes: readonly object[] };
}

let test: TestApi;
let provider: OidcProvider;
let owner: ApiTenant;
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

const join = (subject: string, role: string): Promise<Person> =>
  member(test, owner, { provider, subject, role });

describe('members', () => {
  it('always have an administrator among them, once they had one', async () => {
    const ann = await join('ann', 'TENANT_ADMIN');
    const last = { __typename: 'Conflict', message: expect.stringContaining('last member') as string };
    expect(await owner.caller.data(REMOVE, { id: ann.id })).toEqual({ removeMember: last });
    expect(await owner.caller.data(CHANGE, { id: ann.id, role: 'ANALYST' })).toEqual({
      changeMemberRole: last,
    });
    const bob = await join('bob', 'TENANT_ADMIN');
    // Both at once, each the other: one stays.
    const answers = await Promise.all([
      stranger().send<{ removeMember: { __typename: string } }>(REMOVE, { id: bob.id }, ann.headers),
      stranger().send<{ removeMember: { __typename: string } }>(REMOVE, { id: ann.id }, bob.headers),
    ]);
    expect(answers.filter(({ data }) => data?.removeMember.__typename.endsWith('Success'))).toHaveLength(1);
    const { members } = await owner.caller.data<Listed>(MEMBERS);
    expect(members.nodes).toMatchObject([{ role: 'TENANT_ADMIN' }]);
  });

  it('count as administrators only while somebody vouches for them', async () => {
    const elsewhere = await OidcProvider.start();
    const providerId = await trust(owner, elsewhere);
    const gone = await member(test, owner, { provider: elsewhere, subject: 'gone', role: 'TENANT_ADMIN' });
    const ann = await join('ann', 'TENANT_ADMIN');
    await owner.caller.data(
      'mutation ($id: ID!) { deleteIdentityProvider(input: { identityProviderId: $id }) { __typename } }',
      { id: providerId },
    );
    expect(await owner.caller.data(REMOVE, { id: ann.id })).toMatchObject({
      removeMember: { __typename: 'Conflict' },
    });
    expect(await owner.caller.data(REMOVE, { id: gone.id })).toMatchObject({
      removeMember: { __typename: 'RemoveMemberSuccess' },
    });
    await elsewhere.stop();
  });
});
