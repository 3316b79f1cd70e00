import { type AuditAction } from '../../../src/platform/audit/actions';
import { anotherKey } from '../api/another-key';
import { type ApiTenant, type TestApi } from '../api/test-api';
import { type OidcProvider } from './oidc-provider';
import { invite, member, trust } from './people';

interface Call {
  readonly input: object;
  readonly action: AuditAction;
  readonly objectId?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Stage {
  readonly test: TestApi;
  readonly owner: ApiTenant;
  readonly provider: OidcProvider;
}

/** The mutations of keys, members and identity providers, in a state in which they change something. */
export function accessCalls(stage: () => Stage): Readonly<Record<string, () => Promise<Call>>> {
  const someMember = async (): Promise<string> => {
    const { test, owner, provider } = stage();
    await trust(owner, provider);
    return (await member(test, owner, { provider, subject: 'somebody' })).id;
  };
  const invitation = async (): Promise<{ id: string; token: string }> => {
    const { owner, provider } = stage();
    await trust(owner, provider);
    return invite(owner, { role: 'TENANT_ADMIN' });
  };
  const someKey = (): Promise<string> => anotherKey(stage().owner.caller);
  return {
    rotateEncryptionKey: () =>
      Promise.resolve({
        input: { note: 'once a year' },
        action: 'ENCRYPTION_KEY_ROTATED',
        objectId: stage().owner.id,
      }),
    createApiKey: () =>
      Promise.resolve({ input: { name: 'shop', role: 'SERVICE' }, action: 'API_KEY_CREATED' }),
    rotateApiKey: async () => {
      const objectId = await someKey();
      return { input: { apiKeyId: objectId }, action: 'API_KEY_ROTATED', objectId };
    },
    revokeApiKey: async () => {
      const objectId = await someKey();
      return { input: { apiKeyId: objectId }, action: 'API_KEY_REVOKED', objectId };
    },
    setIdentityProvider: () =>
      Promise.resolve({
        input: { issuer: stage().provider.issuer, audiences: ['propensity'] },
        action: 'IDENTITY_PROVIDER_SET',
      }),
    deleteIdentityProvider: async () => {
      const objectId = await trust(stage().owner, stage().provider);
      return { input: { identityProviderId: objectId }, action: 'IDENTITY_PROVIDER_DELETED', objectId };
    },
    inviteMember: async () => {
      await trust(stage().owner, stage().provider);
      return { input: { role: 'ANALYST' }, action: 'MEMBER_INVITED' };
    },
    revokeInvitation: async () => {
      const { id: objectId } = await invitation();
      return { input: { invitationId: objectId }, action: 'INVITATION_REVOKED', objectId };
    },
    acceptInvitation: async () => {
      const { token } = await invitation();
      const authorization = `Bearer ${await stage().provider.token({ sub: 'new' })}`;
      return { input: {}, action: 'MEMBER_JOINED', headers: { authorization, 'x-invitation': token } };
    },
    changeMemberRole: async () => {
      const objectId = await someMember();
      return { input: { memberId: objectId, role: 'SERVICE' }, action: 'MEMBER_ROLE_CHANGED', objectId };
    },
    removeMember: async () => {
      const objectId = await someMember();
      return { input: { memberId: objectId }, action: 'MEMBER_REMOVED', objectId };
    },
  };
}
