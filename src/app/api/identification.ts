import { type IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../errors';
import { hasTokenForm } from '../../platform/identity/presented-token';
import { type Database } from '../../platform/persistence/database';
import { authenticate } from '../../platform/tenancy/authenticate';
import { type Actor, type RequestContext } from '../../platform/tenancy/request-context';
import { type Asking, type MemberAuthenticator } from '../../services/members/authenticate-member';

/** What a request carries to say who asks. */
export interface Credentials {
  /** An API key, or a token of an identity provider; null: neither. */
  readonly credential: string | null;
  /** Slug or id of the tenant that a token is for. */
  readonly tenant: string | null;
  /** With a token: what lets its bearer become a member. */
  readonly invitation: string | null;
}

/** Tells who asks, by HTTP and over WebSocket. */
export class Identification {
  constructor(
    private readonly database: Database,
    private readonly members: MemberAuthenticator,
  ) {}

  /** @throws AppError UNAUTHENTICATED; UNAVAILABLE when the database does not answer */
  async contextOf(credentials: Credentials, asking: Asking): Promise<RequestContext> {
    return { ...asking, actor: await this.actorOf(credentials, asking) };
  }

  private async actorOf({ credential, ...named }: Credentials, asking: Asking): Promise<Actor> {
    if (credential === null) {
      throw new AppError(
        'UNAUTHENTICATED',
        'An API key is needed, or a token of your identity provider: send it as "Authorization: Bearer …", a key also as "x-api-key: pk_…".',
      );
    }
    if (hasTokenForm(credential)) return this.members.authenticate({ token: credential, ...named }, asking);
    const actor = await authenticate(this.database, credential);
    if (actor) return actor;
    throw new AppError('UNAUTHENTICATED', 'The API key is unknown, expired or revoked: use another one.');
  }
}

/** What the headers of a request say. */
export function credentialsOf(headers: IncomingHttpHeaders): Credentials {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  return {
    credential: bearer ?? headerOf(headers, 'x-api-key'),
    tenant: headerOf(headers, 'x-tenant'),
    invitation: headerOf(headers, 'x-invitation'),
  };
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}
