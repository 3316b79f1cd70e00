import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import S3rver from '@20minutes/s3rver';

/** Credentials that the server knows. */
export const S3_CREDENTIALS = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };
export const S3_BUCKET = 'objects';

/** What happens to a request instead of being answered; undefined: it is answered. */
export type Disturbance = (
  request: http.IncomingMessage,
  response: http.ServerResponse,
) => 'handled' | undefined;

export interface TestS3 {
  readonly endpoint: string;
  /** Where the server keeps everything. */
  readonly folder: string;
  /** The file in which the server keeps what is under a key. */
  fileOf(key: string): string;
  /** Requests so far, as `METHOD path`. */
  readonly requests: string[];
  /** Comes before each request. */
  disturb: Disturbance | null;
  stop(): Promise<void>;
}

/**
 * An S3 server on a free port of the loopback, with one empty bucket: signatures are checked, parts and ranges are served.
 * @param copied the folder of another, whose objects it has
 */
export async function startS3(copied?: string): Promise<TestS3> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'propensity-s3-'));
  if (copied !== undefined) cpSync(copied, directory, { recursive: true });
  const server = new S3rver({ directory, silent: true, configureBuckets: [{ name: S3_BUCKET }] });
  await server.configureBuckets();
  const answer = server.callback();
  const requests: string[] = [];
  const front = http.createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (test.disturb?.(request, response) !== 'handled') answer(request, response);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const test: TestS3 = {
    endpoint: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    folder: directory,
    fileOf: (key) => path.join(directory, S3_BUCKET, `${key}._S3rver_object`),
    requests,
    disturb: null,
    stop: async () => {
      front.closeAllConnections();
      await new Promise((resolve) => front.close(resolve));
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return test;
}
