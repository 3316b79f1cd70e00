import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface LoadOptions {
  readonly url: string;
  readonly key: string;
  /** GraphQL requests as JSON, sent in turn. */
  readonly bodies: readonly string[];
  /** What a right answer contains. */
  readonly expected: string;
  readonly connections: number;
  /** For how long new requests are sent, and how many at most. */
  readonly seconds?: number;
  readonly requests?: number;
}

export interface Load {
  readonly requests: number;
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
  readonly errors: number;
  /** An answer that was not as expected. */
  readonly firstError: string | null;
}

/**
 * Keeps so many connections busy with one request each. It shares the processor with the server, so it does next to
 * nothing: requests are bytes that were made before, and of answers it reads the length and looks for one text.
 */
export async function httpLoad(options: LoadOptions): Promise<Load> {
  const { url, connections, seconds = Infinity, requests: most = Infinity } = options;
  const requests = requestsOf(options);
  const { hostname, port } = new URL(url);
  const sockets = Array.from({ length: connections }, () => connect({ host: hostname, port: Number(port) }));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const latenciesMs: number[] = [];
  let errors = 0;
  let firstError: string | null = null;
  let next = 0;
  const from = performance.now();
  const end = from + seconds * 1_000;
  await Promise.all(
    sockets.map((socket) =>
      exchange(socket, {
        expected: options.expected,
        next: () => (next < most && performance.now() < end ? requests[next++ % requests.length] : undefined),
        onAnswer: (ms, error) => {
          latenciesMs.push(ms);
          if (error === null) return;
          errors++;
          firstError ??= error;
        },
      }),
    ),
  );
  return {
    requests: latenciesMs.length,
    seconds: (performance.now() - from) / 1_000,
    latenciesMs,
    errors,
    firstError,
  };
}

function requestsOf({ url, key, bodies }: LoadOptions): Buffer[] {
  const { pathname, host } = new URL(url);
  return bodies.map((body) => {
    const bytes = Buffer.from(body);
    const head = [
      `POST ${pathname} HTTP/1.1`,
      `host: ${host}`,
      `authorization: Bearer ${key}`,
      'content-type: application/json',
      `content-length: ${bytes.length}`,
    ].join('\r\n');
    return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), bytes]);
  });
}

interface Exchange {
  /** Undefined: there is no more to send. */
  readonly next: () => Buffer | undefined;
  readonly expected: string;
  readonly onAnswer: (ms: number, error: string | null) => void;
}

/** One request after the other, until there is none or the connection ends. */
function exchange(socket: Socket, { next, expected, onAnswer }: Exchange): Promise<void> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    let sentAt = 0;
    const send = (): void => {
      const request = next();
      if (!request) {
        socket.end();
        resolve();
        return;
      }
      sentAt = performance.now();
      socket.write(request);
    };
    socket.setNoDelay(true);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed a connection')));
    socket.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const answer = answerIn(received);
      if (answer === null) return;
      received = Buffer.alloc(0);
      const isRight = answer.status === 200 && answer.body.includes(expected);
      onAnswer(performance.now() - sentAt, isRight ? null : answer.body.toString().slice(0, 500));
      send();
    });
    send();
  });
}

/** The answer, if it is there as a whole. */
function answerIn(received: Buffer): { readonly status: number; readonly body: Buffer } | null {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const head = received.toString('latin1', 0, headEnd);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`an answer does not say how long it is: ${head}`);
  const body = received.subarray(headEnd + 4);
  if (body.length < Number(length)) return null;
  return { status: Number(head.slice(9, 12)), body };
}
