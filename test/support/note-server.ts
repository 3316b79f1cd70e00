import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { buildSchema, graphql, GraphQLError } from 'graphql';

/** A way in which isolation can be broken. */
export type Leak =
  | 'any id is read'
  | 'another error for ids that exist'
  | 'a count of all tenants'
  | 'lists of whoever a header names'
  | 'cursors of any tenant'
  | 'any id is deleted'
  | 'a name that is taken by anybody'
  | 'links for everybody'
  | 'revoked keys'
  | 'a mutation shows the latest note of all';

const SDL = `
  type Query { viewer: Viewer! note(id: ID!): Note! notes(after: String, first: Int = 20): NoteConnection! rank(noteId: ID!): Int! }
  type Mutation {
    createTenant(input: CreateTenantInput!): CreateTenantSuccess!
    createApiKey(input: CreateApiKeyInput!): CreateApiKeySuccess!
    revokeApiKey(input: RevokeApiKeyInput!): ApiKey!
    writeNote(input: WriteNoteInput!): Note!
    deleteNote(noteId: ID!): Note!
  }
  type Viewer { tenant: Tenant! apiKeyId: ID! }
  type Tenant { id: ID! slug: String! name: String! }
  type ApiKey { id: ID! name: String! }
  type CreateTenantSuccess { tenant: Tenant! apiKey: KeyText! }
  type CreateApiKeySuccess { apiKey: KeyText! made: ApiKey! }
  type KeyText { key: String! }
  type Note { id: ID! text: String! link: String! }
  type NoteEdge { cursor: String! node: Note! }
  type NoteConnection { nodes: [Note!]! edges: [NoteEdge!]! }
  input CreateTenantInput { slug: String! name: String! }
  input CreateApiKeyInput { name: String! role: String! }
  input RevokeApiKeyInput { apiKeyId: ID! }
  input WriteNoteInput { text: String! }
`;

interface Note {
  readonly id: string;
  readonly tenant: string;
  readonly text: string;
  readonly link: string;
}
interface Key {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly tenant: string;
  revoked: boolean;
}

/** An API of another kind than ours, that keeps tenants apart but for one leak: nothing about it is known beforehand. */
export class NoteServer {
  private readonly schema = buildSchema(SDL);
  private readonly tenants = new Map<string, { id: string; slug: string; name: string }>();
  private readonly keys: Key[] = [];
  private readonly notes: Note[] = [];
  private readonly server: Server;
  readonly adminKey = this.issue('', 'admin').key;

  constructor(private readonly leak: Leak | null) {
    this.server = createServer((request, response) => {
      void this.answer(request).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(body);
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/graphql`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1];
    const key = this.keys.find(
      (each) => each.key === text && (!each.revoked || this.leak === 'revoked keys'),
    );
    if (request.method !== 'POST') {
      const note = this.notes.find(({ link }) => link === request.url);
      const mine = note && (note.tenant === key?.tenant || this.leak === 'links for everybody');
      return mine && request.method === 'GET'
        ? { status: 200, body: note.text }
        : { status: 404, body: '{}' };
    }
    if (!key) return { status: 401, body: JSON.stringify({ errors: [{ message: 'who are you?' }] }) };
    const { query, variables } = JSON.parse(Buffer.concat(chunks).toString()) as {
      query: string;
      variables: Record<string, unknown>;
    };
    const named = request.headers['x-tenant-id'];
    const claimed = typeof named === 'string' ? named : key.tenant;
    const result = await graphql({
      schema: this.schema,
      source: query,
      variableValues: variables,
      rootValue: this.resolvers(key, claimed),
    });
    return { status: 200, body: JSON.stringify(result) };
  }

  private resolvers(key: Key, claimed: string): object {
    const own = (note: Note): boolean => note.tenant === key.tenant;
    const find = (id: string, leaks: boolean): Note => {
      const note = this.notes.find((each) => each.id === id);
      if (note && (own(note) || leaks)) return note;
      const tells = note && this.leak === 'another error for ids that exist';
      throw new GraphQLError(tells ? 'not yours' : `there is no note ${id}`, {
        extensions: { code: 'NOT_FOUND' },
      });
    };
    return {
      viewer: () => ({ tenant: this.tenants.get(key.tenant), apiKeyId: key.id }),
      note: ({ id }: { id: string }) => find(id, this.leak === 'any id is read'),
      rank: ({ noteId }: { noteId: string }) =>
        this.notes.filter(
          (note) => note.id === noteId && (own(note) || this.leak === 'a count of all tenants'),
        ).length,
      notes: ({ after }: { after?: string }) => this.page(key, claimed, after),
      createTenant: ({ input }: { input: { slug: string; name: string } }) => {
        const tenant = { id: randomUUID(), ...input };
        this.tenants.set(tenant.id, tenant);
        return { tenant, apiKey: this.issue(tenant.id, 'first') };
      },
      createApiKey: ({ input }: { input: { name: string } }) => {
        const made = this.issue(key.tenant, input.name);
        return { apiKey: made, made };
      },
      revokeApiKey: ({ input }: { input: { apiKeyId: string } }) => {
        const found = this.keys.find(({ id, tenant }) => id === input.apiKeyId && tenant === key.tenant);
        if (!found) throw new GraphQLError('there is no such key');
        return Object.assign(found, { revoked: true });
      },
      writeNote: ({ input: { text } }: { input: { text: string } }) => this.write(key, text),
      deleteNote: ({ noteId }: { noteId: string }) => {
        const note = find(noteId, this.leak === 'any id is deleted');
        this.notes.splice(this.notes.indexOf(note), 1);
        return { id: randomUUID(), text: '', link: '' };
      },
    };
  }

  private write(key: Key, text: string): Note {
    const taken = this.notes.some((note) => note.text === text && note.tenant !== key.tenant);
    if (taken && this.leak === 'a name that is taken by anybody')
      throw new GraphQLError('choose another text');
    const id = randomUUID();
    const note = { id, text, tenant: key.tenant, link: `/notes/${id}` };
    const first = this.notes.find(({ tenant }) => tenant !== key.tenant);
    this.notes.push(note);
    return first && this.leak === 'a mutation shows the latest note of all' ? first : note;
  }

  private page(key: Key, claimed: string, after: string | undefined): object {
    const byHeader = this.leak === 'lists of whoever a header names' ? claimed : key.tenant;
    const id = after === undefined ? undefined : Buffer.from(after, 'base64url').toString();
    const from = this.notes.find((note) => note.id === id);
    if (
      after !== undefined &&
      !(from && (from.tenant === key.tenant || this.leak === 'cursors of any tenant'))
    )
      throw new GraphQLError('the cursor is none of ours');
    const nodes = this.notes.filter(({ tenant }) => tenant === (from?.tenant ?? byHeader));
    return {
      nodes,
      edges: nodes.map((node) => ({ node, cursor: Buffer.from(node.id).toString('base64url') })),
    };
  }

  private issue(tenant: string, name: string): Key {
    const key = { id: randomUUID(), key: `pk_${randomUUID()}${randomUUID().slice(0, 7)}`, name, tenant };
    this.keys.push({ ...key, revoked: false });
    return { ...key, revoked: false };
  }
}
