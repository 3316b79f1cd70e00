import { type JWTPayload } from 'jose';
import { type ApiCaller } from '../api/api-caller';
import { type ApiTenant, type TestApi } from '../api/test-api';
import { type OidcProvider, type TokenOptions } from './oidc-provider';

export const SET_PROVIDER = `mutation ($input: SetIdentityProviderInput!) { setIdentityProvider(input: $input) { __typename
  ... on SetIdentityProviderSuccess { identityProvider { id issuer audiences roleClaim roles { value role } emailDomains } }
  ... on InvalidInput { issues { path message } } ... on Conflict { message } } }`;
export const INVITE = `mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { __typename
  ... on InviteMemberSuccess { invitation { id token email role state expiresAt } }
  ... on InvalidInput { issues { path } } ... on Conflict { message } } }`;
export const ACCEPT = `mutation ($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { __typename
  ... on AcceptInvitationSuccess { member { id role state email displayName roleSource invitedById } tenant { id slug } }
  ... on Conflict { message } } }`;
export const VIEWER = '{ viewer { apiKeyId role expiresAt member { id role } tenant { id } operations } }';

/** Has a tenant trust a provider; the provider's id. */
export async function trust(tenant: ApiTenant, provider: OidcProvider, more: object = {}): Promise<string> {
  const { setIdentityProvider: set } = await tenant.caller.data<{
    setIdentityProvider: { identityProvider?: { id: string } };
  }>(SET_PROVIDER, { input: { issuer: provider.issuer, audiences: ['propensity'], ...more } });
  if (!set.identityProvider) throw new Error(`the provider was not taken: ${JSON.stringify(set)}`);
  return set.identityProvider.id;
}

/** An invitation as it is handed over. */
export async function invite(
  tenant: { readonly caller: ApiCaller },
  input: object = {},
): Promise<{ id: string; token: string }> {
  const { inviteMember } = await tenant.caller.data<{
    inviteMember: { invitation?: { id: string; token: string } };
  }>(INVITE, { input: { role: 'ANALYST', ...input } });
  if (!inviteMember.invitation) throw new Error(`nobody was invited: ${JSON.stringify(inviteMember)}`);
  return inviteMember.invitation;
}

export interface Person {
  readonly id: string;
  readonly token: string;
  /** What every request of the person carries. */
  readonly headers: { readonly authorization: string; readonly 'x-tenant': string };
}

export const bearer = (token: string, tenant: string) => ({
  authorization: `Bearer ${token}`,
  'x-tenant': tenant,
});

/** A member who was invited; the tenant trusts the provider already. */
export async function member(
  test: TestApi,
  tenant: ApiTenant,
  who: {
    readonly provider: OidcProvider;
    readonly subject: string;
    readonly role?: string;
    readonly claims?: JWTPayload;
    readonly options?: TokenOptions;
  },
): Promise<Person> {
  const { token: invitation } = await invite(tenant, { role: who.role ?? 'ANALYST' });
  const token = await who.provider.token({ sub: who.subject, ...who.claims }, who.options);
  const { data, errors } = await test
    .caller(null)
    .send<{ acceptInvitation: { member?: { id: string } } }>(
      ACCEPT,
      { input: {} },
      { authorization: `Bearer ${token}`, 'x-invitation': invitation },
    );
  const id = data?.acceptInvitation.member?.id;
  if (id === undefined) throw new Error(`nobody joined: ${JSON.stringify({ data, errors })}`);
  return { id, token, headers: bearer(token, tenant.id) };
}
