import { lookup as resolve, type LookupAddress } from 'node:dns';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { type LookupFunction } from 'node:net';
import { messageOf } from '../../errors';
import { outboundUrlProblem, type OutboundTargets } from './outbound-url';
import { isPublicAddress } from './public-address';

export interface OutboundRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: none is sent. */
  readonly body?: string;
}

export interface OutboundOptions {
  readonly targets: OutboundTargets;
  /** From the first look at the name to all of the answer that is read. */
  readonly timeoutMs: number;
  /** Largest body that is taken, in bytes. Absent: the body is not read. */
  readonly maxBytes?: number;
  /** Resolves names; all addresses of one. The system's unless given. */
  readonly resolveAll?: (host: string) => Promise<readonly LookupAddress[]>;
}

export interface OutboundAnswer {
  readonly status: number;
  /** Empty where it is not read. */
  readonly body: Buffer;
}

/** What keeps an answer from being had, in words that a tenant may read: nothing of the platform's own network. */
export class OutboundProblem extends Error {}

/**
 * Asks once, at an address that a tenant gave. Redirects are not followed.
 *
 * The name is resolved here, once, and the connection goes to the address that was judged: a name that would resolve to
 * another address a moment later gains nothing by it.
 *
 * @throws OutboundProblem for a URL that is never called, a name that leads inside, no answer in time, a body too large;
 * whatever else the network has to say
 */
export async function requestOutbound(
  request: OutboundRequest,
  options: OutboundOptions,
): Promise<OutboundAnswer> {
  const problem = outboundUrlProblem(request.url, options.targets);
  if (problem !== null) throw new OutboundProblem(`the URL ${problem}`);
  const signal = AbortSignal.timeout(options.timeoutMs);
  try {
    return await send(request, options, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new OutboundProblem(`no answer came within ${options.timeoutMs / 1000} seconds`, { cause: error });
  }
}

function send(
  { method, url, body, headers }: OutboundRequest,
  options: OutboundOptions,
  signal: AbortSignal,
): Promise<OutboundAnswer> {
  const target = new URL(url);
  const start = target.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((done, fail) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const request = start(
      target,
      {
        method,
        // A connection of its own: one that is kept would go wherever the name led before.
        agent: false,
        headers: { ...headers, ...length, connection: 'close' },
        lookup: judgedLookup(options),
        signal,
      },
      (response) => {
        const { statusCode: status = 0 } = response;
        if (options.maxBytes === undefined) {
          response.destroy();
          done({ status, body: Buffer.alloc(0) });
        } else readBody(response, options.maxBytes).then((read) => done({ status, body: read }), fail);
      },
    );
    request.on('error', fail);
    request.end(body);
  });
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > maxBytes) throw new OutboundProblem(`the answer is larger than ${maxBytes} bytes`);
      parts.push(part);
    }
  } finally {
    response.destroy();
  }
  return Buffer.concat(parts);
}

/** Gives the socket addresses that were all judged; a name that has any private one is refused. */
function judgedLookup({ targets, resolveAll = systemLookup }: OutboundOptions): LookupFunction {
  return (host, { all }, callback) => {
    resolveAll(host).then(
      (addresses) => {
        const [first] = addresses;
        const refused = targets === 'public' && addresses.some(({ address }) => !isPublicAddress(address));
        if (!first || refused) {
          const why = first ? 'leads to an address that is not of the public internet' : 'leads nowhere';
          callback(new OutboundProblem(`the name ${host} ${why}`), '', 0);
        } else if (all === true) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => {
        callback(new Error(`the name ${host} cannot be resolved: ${messageOf(error)}`), '', 0);
      },
    );
  };
}

function systemLookup(host: string): Promise<readonly LookupAddress[]> {
  return new Promise((done, fail) => {
    resolve(host, { all: true }, (error, addresses) => {
      if (error) fail(error);
      else done(addresses);
    });
  });
}
