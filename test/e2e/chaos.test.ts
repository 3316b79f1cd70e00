import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Report } from '../../chaos/report';
import { longestMinutes } from '../../chaos/watchdog';
import { processesThatMention } from '../support/e2e/processes';

const PROGRAM = path.resolve(__dirname, '../../dist/chaos/main.js');
const MINUTES = 0.5;
/** Which faults there are when follows from it: `TEST_CHAOS_SEED=random` draws one. */
const SEED = process.env['TEST_CHAOS_SEED'] ?? '1';

test(
  'nothing that was acknowledged is lost, twice or told to another while parts of the platform fail',
  async () => {
    const seed = SEED === 'random' ? [] : ['--seed', SEED];
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [PROGRAM, '--minutes', String(MINUTES), ...seed, '--json'],
      { maxBuffer: 64 * 1_024 * 1_024 },
      // What it found is to be seen, and not its exit alone.
    ).catch((error: unknown) => error as { readonly stdout: string; readonly stderr: string });
    if (stdout === '') throw new Error(stderr.slice(-20_000));
    const report = JSON.parse(stdout) as Report;
    const found = { lost: 0, duplicated: 0, damaged: 0, leaked: 0, crossTenant: 0, internalErrors: 0 };
    // With the seed and the faults, so that what failed can be looked for.
    expect(report).toMatchObject({ violations: [], ...found, passed: true });
    const injected = Object.keys(report.faults).map((name) => name.split(' ')[1]);
    expect(report.planned).toEqual(
      expect.arrayContaining(['kill', 'killWithChildren', 'stop', 'reset', 'silence']),
    );
    expect(injected).toEqual(expect.arrayContaining([...report.planned]));
    for (const count of Object.values(report.acknowledgements)) expect(count).toBeGreaterThan(0);
    for (const text of report.omitted) console.warn(text);
  },
  (longestMinutes(MINUTES) + 1) * 60_000,
);

(process.platform === 'linux' ? test : test.skip)(
  'interrupted, it leaves no process and no file behind',
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'chaos-test-'));
    chmodSync(folder, 0o755);
    const program = spawn(process.execPath, [PROGRAM], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(program, 'exit');
    // Its own processes are told of a folder of its own in there.
    const started = (): number[] => processesThatMention(path.join(folder, 'propensity-chaos-'));
    const until = async (condition: () => boolean): Promise<void> => {
      while (!condition()) await sleep(50);
    };
    await until(() => started().length > 2);
    program.kill('SIGTERM');
    expect(await ended).toEqual([130, null]);
    await until(() => started().length === 0);
    expect(readdirSync(folder)).toEqual([]);
    rmdirSync(folder);
  },
  300_000,
);
