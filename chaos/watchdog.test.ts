import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { TOO_LATE } from './watchdog';

const WATCHDOG = path.resolve(__dirname, '../dist/chaos/watchdog.js');

test('a program that waits for ever is ended, and says what it did last', async () => {
  const waiting = `const say = require(${JSON.stringify(WATCHDOG)}).watchOver(1, 0.002);
    say('waiting for a connection');
    require('node:net').createServer().listen(0);`;
  const ended = await promisify(execFile)(process.execPath, ['-e', waiting]).catch(
    (error: unknown) => error as { readonly code: number; readonly stderr: string },
  );
  expect(ended).toMatchObject({ code: TOO_LATE });
  expect(ended.stderr).toMatch(/ended after 0\.002 minutes.*: waiting for a connection\n$/);
});
