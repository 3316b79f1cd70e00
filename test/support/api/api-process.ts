import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { PLATFORM_ADMIN_KEY, type TestApi } from './test-api';

const ENTRY = path.resolve(__dirname, '../../../dist/src/app/api-main.js');

export interface ApiProcess {
  readonly process: ChildProcess;
  /** The GraphQL endpoint. */
  readonly url: string;
}

/** The real API in a process of its own, on the database and the store of the test. */
export async function startApiProcess(
  test: TestApi,
  environment: Readonly<Record<string, string>> = {},
): Promise<ApiProcess> {
  const folder = path.dirname(test.uploads);
  const child = spawn(process.execPath, [ENTRY], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: test.ownerUrl,
      ARTIFACT_URL: pathToFileURL(path.join(folder, 'objects')).href,
      PROPENSITY_DATA_DIRECTORY: folder,
      PROPENSITY_PLATFORM_ADMIN_KEY: PLATFORM_ADMIN_KEY,
      PROPENSITY_LOG_LEVEL: 'warn',
      PORT: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').once('data', (line: string) => {
      resolve((JSON.parse(line) as { url: string }).url);
    });
    child.once('exit', () => reject(new Error('the API did not start')));
  });
  return { process: child, url };
}
