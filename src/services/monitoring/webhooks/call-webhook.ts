import { lookup as resolve, type LookupAddress } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { type LookupFunction } from 'node:net';
import { messageOf } from '../../../errors';
import { isPublicAddress } from './public-address';
import { webhookUrlProblem, type WebhookTargets } from './webhook-url';

export interface WebhookCall {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface CallOptions {
  readonly targets: WebhookTargets;
  /** From the first look at the name to the answer's head. */
  readonly timeoutMs: number;
  /** Resolves names; all addresses of one. The system's unless given. */
  readonly resolveAll?: (host: string) => Promise<readonly LookupAddress[]>;
}

/** What a call came to. It was taken when there is no error. */
export interface CallOutcome {
  readonly status: number | null;
  readonly error: string | null;
}

/**
 * Posts once. Redirects are not followed and the answer's body is not read.
 *
 * The name is resolved here, once, and the connection goes to the address that was judged: a name that would resolve to
 * another address a moment later gains nothing by it.
 */
export async function callWebhook(call: WebhookCall, options: CallOptions): Promise<CallOutcome> {
  const problem = webhookUrlProblem(call.url, options.targets);
  if (problem !== null) return failed(`the URL ${problem}`);
  try {
    const status = await post(call, options);
    if (status >= 200 && status < 300) return { status, error: null };
    const redirected = status >= 300 && status < 400 ? '; redirects are not followed' : '';
    return { status, error: `it answered ${status}${redirected}` };
  } catch (error) {
    return failed(messageOf(error));
  }
}

const failed = (error: string): CallOutcome => ({ status: null, error });

function post({ url, body, headers }: WebhookCall, options: CallOptions): Promise<number> {
  const target = new URL(url);
  const send = target.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((done, fail) => {
    const request = send(
      target,
      {
        method: 'POST',
        // A connection of its own: one that is kept would go wherever the name led before.
        agent: false,
        headers: { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' },
        lookup: judgedLookup(options),
        signal: AbortSignal.timeout(options.timeoutMs),
      },
      (response) => {
        const { statusCode = 0 } = response;
        response.destroy();
        done(statusCode);
      },
    );
    request.on('error', (error) => {
      fail(error.name === 'AbortError' || error.name === 'TimeoutError' ? tooSlow(options) : error);
    });
    request.end(body);
  });
}

const tooSlow = ({ timeoutMs }: CallOptions): Error =>
  new Error(`no answer came within ${timeoutMs / 1000} seconds`);

/** Gives the socket addresses that were all judged; a name that has any private one is refused. */
function judgedLookup({ targets, resolveAll = systemLookup }: CallOptions): LookupFunction {
  return (host, { all }, callback) => {
    resolveAll(host).then(
      (addresses) => {
        const [first] = addresses;
        const refused = targets === 'public' && addresses.some(({ address }) => !isPublicAddress(address));
        if (!first || refused) {
          const why = first ? 'leads to an address that is not of the public internet' : 'leads nowhere';
          callback(new Error(`the name ${host} ${why}`), '', 0);
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
