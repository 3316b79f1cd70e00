import { createHash } from 'node:crypto';
import { AppError, messageOf } from '../../errors';
import { type KeySets } from '../../platform/identity/key-sets';
import { type PresentedToken, readToken } from '../../platform/identity/presented-token';
import { type Identity, TokenRefused, verifyToken } from '../../platform/identity/verify-token';
import { type Database } from '../../platform/persistence/database';
import { isUuid } from '../../platform/persistence/keyset';
import { type Logger } from '../../platform/telemetry/logger';
import { type Actor, type RequestContext } from '../../platform/tenancy/request-context';
import { admitMember } from './admit-member';
import { type IdentityProvider } from './identity-provider.entity';
import { hashInvitation, hasInvitationForm } from './invitation-token';
import { MemberInvitation } from './member-invitation.entity';

export interface MemberAuthenticatorOptions {
  readonly database: Pick<Database, 'inTenant' | 'asPlatform'>;
  readonly keySets: KeySets;
  readonly logger: Logger;
  /** Milliseconds. */
  readonly now?: () => number;
}

/** What a person presents. */
export interface Presented {
  readonly token: string;
  /** Slug or id of the tenant, as the request names it; null: the token does. */
  readonly tenant: string | null;
  /** What lets the person become a member; null: it is one. */
  readonly invitation: string | null;
}

/** Whose request it is, as far as that is known before it is known who asks. */
export type Asking = Omit<RequestContext, 'actor'>;

type Trust = Pick<IdentityProvider, 'tenantId' | 'audiences' | 'roleClaim' | 'roleMapping' | 'emailDomains'>;

/** How long an answer is used again, and so how long a removed member may still be let in. */
const FRESH_MS = 2_000;
const MAX_ANSWERS = 10_000;

/**
 * Tells who a token of an identity provider is from.
 *
 * A request names its tenant, and the token is judged by that tenant's own configuration alone: its issuers, audiences
 * and members. That others trust the same issuer, even for the same audience, changes nothing. Whatever is wrong beyond
 * the token itself is answered alike, so that nobody learns which tenants there are and whom they trust.
 */
export class MemberAuthenticator {
  private readonly answers = new Map<string, { readonly actor: Actor; readonly until: number }>();
  private readonly now: () => number;

  constructor(private readonly options: MemberAuthenticatorOptions) {
    this.now = options.now ?? (() => Date.now());
  }

  /** @throws AppError UNAUTHENTICATED; UNAVAILABLE when the database does not answer */
  async authenticate(presented: Presented, asking: Asking): Promise<Actor> {
    const token = readToken(presented.token, this.now());
    if (presented.invitation !== null) return this.invited(token, presented.invitation, asking);
    const tenant = tenantNamed(token, presented.tenant);
    const name = createHash('sha256').update(`${tenant} ${token.text}`).digest('base64');
    const known = this.answers.get(name);
    if (known && known.until > this.now()) return known.actor;
    this.answers.delete(name);
    const actor = await this.refusingAlike(asking, async () => {
      const trust = await this.trustOf(tenant, token.issuer);
      const identity = await this.verify(token, trust);
      return this.options.database.inTenant(trust.tenantId, (scope) =>
        admitMember(scope, { identity, provider: trust, asking }),
      );
    });
    if (this.answers.size >= MAX_ANSWERS) this.answers.clear();
    this.answers.set(name, { actor, until: Math.min(this.now() + FRESH_MS, actor.expiresAt ?? Infinity) });
    return actor;
  }

  /** Somebody who may accept an invitation, and nothing else. */
  private async invited(token: PresentedToken, invitation: string, asking: Asking): Promise<Actor> {
    return this.refusingAlike(asking, async () => {
      if (!hasInvitationForm(invitation)) throw new TokenRefused('no invitation');
      const { database } = this.options;
      const [open] = await database.asPlatform((scope) =>
        scope.query<{ tenant_id: string; id: string }>('SELECT * FROM open_invitation($1)', [
          hashInvitation(invitation),
        ]),
      );
      if (!open) throw new TokenRefused('no open invitation');
      const trust = await this.trustOf(open.tenant_id, token.issuer);
      const identity = await this.verify(token, trust);
      const found = await database.inTenant(open.tenant_id, (scope) =>
        scope.repository(MemberInvitation).get(open.id),
      );
      if (!found) throw new TokenRefused('no open invitation');
      const { role, email } = found;
      if (email !== null && email !== identity.email)
        throw new TokenRefused('an invitation of somebody else');
      return {
        ...{ id: open.id, kind: 'INVITATION', role, tenantId: open.tenant_id, invitee: identity },
        operations: ['acceptInvitation'],
        expiresAt: identity.expiresAt,
      };
    });
  }

  private async trustOf(tenant: string, issuer: string): Promise<Trust> {
    const names = isUuid(tenant) ? [tenant, null, issuer] : [null, tenant, issuer];
    const [row] = await this.options.database.asPlatform((scope) =>
      scope.query<{
        tenant_id: string;
        audiences: string[];
        role_claim: string | null;
        role_mapping: Trust['roleMapping'];
        email_domains: string[];
      }>('SELECT * FROM trusted_issuer($1, $2, $3)', names),
    );
    if (!row) throw new TokenRefused('no tenant that trusts the issuer');
    return {
      tenantId: row.tenant_id,
      audiences: row.audiences,
      roleClaim: row.role_claim,
      roleMapping: row.role_mapping,
      emailDomains: row.email_domains,
    };
  }

  private async verify(token: PresentedToken, trust: Trust): Promise<Identity> {
    const { tenantId, audiences, emailDomains } = trust;
    const trusted = { tenantId, audiences, issuer: token.issuer };
    const identity = await verifyToken(token, trusted, { keySets: this.options.keySets, now: this.now() });
    const domain = identity.email?.split('@').at(-1) ?? '';
    if (emailDomains.length > 0 && !emailDomains.includes(domain))
      throw new TokenRefused('another e-mail domain');
    return identity;
  }

  private async refusingAlike(asking: Asking, work: () => Promise<Actor | null>): Promise<Actor> {
    try {
      const actor = await work();
      if (actor) return actor;
      throw new TokenRefused('no member');
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error;
      this.options.logger.debug(
        { requestId: asking.requestId, why: messageOf(error) },
        'a token was refused',
      );
      throw new AppError(
        'UNAUTHENTICATED',
        'The token is not accepted here: the tenant, its identity provider, the audience, the signature, the membership or the invitation does not fit, or the provider does not answer. An administrator of the tenant can look at "identityProviders" and "members".',
      );
    }
  }
}

/** @throws AppError UNAUTHENTICATED when neither names one, or they name different ones: nothing of ours is looked at */
function tenantNamed({ tenant: claimed }: PresentedToken, given: string | null): string {
  const name = given ?? claimed;
  if (name === null || name.length > 63 || !/^[A-Za-z0-9-]+$/.test(name))
    throw new AppError(
      'UNAUTHENTICATED',
      'Say which tenant the token is for: send its slug or id as "x-tenant: …".',
    );
  if (claimed !== null && claimed !== name)
    throw new AppError('UNAUTHENTICATED', 'The token names another tenant than the header "x-tenant" does.');
  return name.toLowerCase();
}
