import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Report } from '../../chaos/report';

const PROGRAM = path.resolve(__dirname, '../../dist/chaos/main.js');

test('nothing that was acknowledged is lost, twice or told to another while parts of the platform fail', async () => {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [PROGRAM, '--minutes', '0.5', '--json'],
    { maxBuffer: 64 * 1_024 * 1_024 },
    // What it found is to be seen, and not its exit alone.
  ).catch((error: unknown) => error as { readonly stdout: string; readonly stderr: string });
  if (stdout === '') throw new Error(stderr);
  const report = JSON.parse(stdout) as Report;
  // With the seed and the faults, so that what failed can be looked for.
  expect(report).toMatchObject({ violations: [], passed: true });
  expect(Object.keys(report.faults).length).toBeGreaterThan(0);
  for (const count of Object.values(report.acknowledged)) expect(count).toBeGreaterThan(0);
  for (const text of report.omitted) console.warn(text);
}, 900_000);
