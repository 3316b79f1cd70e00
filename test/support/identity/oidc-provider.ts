import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import {
  exportJWK,
  generateKeyPair,
  type GenerateKeyPairResult,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';

export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly pair: GenerateKeyPairResult;
  readonly jwk: JWK;
}

/** A key pair as a provider keeps it. */
export async function signingKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const pair = await generateKeyPair(alg, { extractable: true, ...(alg === 'EdDSA' && { crv: 'Ed25519' }) });
  return { kid, alg, pair, jwk: { ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' } };
}

export interface TokenOptions {
  /** Default: the provider's newest. */
  readonly key?: SigningKey;
  readonly header?: Readonly<Record<string, unknown>>;
  /** Seconds from now. */
  readonly expiresIn?: number;
  readonly notBefore?: number;
  readonly issuedAgo?: number;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A little OpenID Connect provider on the loopback address; what it answers can be changed. */
export class OidcProvider {
  /** How often each path was asked for. */
  readonly asked = new Map<string, number>();
  /** Answers paths otherwise than usual. */
  readonly answers = new Map<string, Handler>();

  private constructor(
    private server: Server,
    private readonly port: number,
    readonly issuer: string,
    /** The newest is the last. */
    public keys: SigningKey[],
  ) {}

  /** @param path what the issuer has behind its host */
  static async start(path = ''): Promise<OidcProvider> {
    const keys = [await signingKey('first')];
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const provider = new OidcProvider(server, port, `http://127.0.0.1:${port}${path}`, keys);
    server.on('request', (request, response) => provider.answer(request, response));
    return provider;
  }

  get keysPath(): string {
    return '/keys';
  }

  get configurationPath(): string {
    return `${new URL(this.issuer).pathname.replace(/\/$/, '')}/.well-known/openid-configuration`;
  }

  /** Requests for the keys so far. */
  get keyRequests(): number {
    return this.asked.get(this.keysPath) ?? 0;
  }

  async rotate(kid: string, alg = 'ES256'): Promise<SigningKey> {
    const key = await signingKey(kid, alg);
    this.keys = [key];
    return key;
  }

  /** A token as the provider gives it, for `aud: propensity` unless the claims say otherwise. */
  async token(claims: JWTPayload = {}, options: TokenOptions = {}): Promise<string> {
    const key = options.key ?? this.keys.at(-1);
    if (!key) throw new Error('the provider has no key');
    const now = Math.floor(Date.now() / 1_000);
    return new SignJWT({
      iss: this.issuer,
      sub: 'person-1',
      aud: 'propensity',
      iat: now - (options.issuedAgo ?? 0),
      exp: now + (options.expiresIn ?? 600),
      ...(options.notBefore !== undefined && { nbf: now + options.notBefore }),
      ...claims,
    })
      .setProtectedHeader({ alg: key.alg, kid: key.kid, ...options.header })
      .sign(key.pair.privateKey);
  }

  /** Nothing answers at its address any more. */
  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async restart(): Promise<void> {
    this.server = createServer((request, response) => {
      this.answer(request, response);
    });
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '';
    this.asked.set(path, (this.asked.get(path) ?? 0) + 1);
    const other = this.answers.get(path);
    if (other) other(request, response);
    else if (path === this.configurationPath)
      json(response, { issuer: this.issuer, jwks_uri: `http://127.0.0.1:${this.port}${this.keysPath}` });
    else if (path === this.keysPath) json(response, { keys: this.keys.map(({ jwk }) => jwk) });
    else response.writeHead(404).end();
  }
}

export function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
