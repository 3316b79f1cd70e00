import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CheckReport, hasFailed } from './check';

const main = path.resolve(__dirname, '../../dist/scripts/device-check/main.js');

const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'], VK_ICD_FILENAMES: '/nowhere/driver.json' },
    encoding: 'utf8',
  });

test('a device that cannot be used ends the check with 1 and says why', () => {
  const { status, stdout, stderr } = run('--device', 'webgpu', '--json');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^the device webgpu (cannot be used here|is not installed)/);
});

test('a command line that asks for nothing ends with 2', () => {
  expect(run('--device', 'tpu')).toMatchObject({ status: 2, stdout: '' });
});

test('a pack is small, and runs from an empty folder without an environment', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'gpu-check-test-'));
  try {
    const file = path.join(folder, 'check.tar.gz');
    // It tries the pack out itself, and fails when that fails.
    expect(run('--pack', file)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('it runs from an empty folder, without an environment') as string,
    });
    expect(statSync(file).size).toBeLessThan(64 * 2 ** 20);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 300_000);

describe('a report has failed', () => {
  const clean: CheckReport = {
    device: 'webgpu',
    card: null,
    onCpu: [],
    ops: { passed: 3, failed: [], worst: 1e-7 },
    presets: [{ name: 'shop tiny', failure: null, worst: 1e-7, seconds: 1 }],
    training: [{ model: 'shop', batch: 8, samplesPerSecond: 1, cpuSamplesPerSecond: 1, peer: null }],
  };
  const failure = 'y0 differs';
  test.each<[string, boolean, Partial<CheckReport>]>([
    ['not when nothing is wrong', false, {}],
    ['for an op', true, { ops: { ...clean.ops, failed: [{ name: 'Add, a', failure }] } }],
    ['for a preset', true, { presets: [{ name: 'shop tiny', failure, worst: 1, seconds: 1 }] }],
    ['for a timing', true, { training: [{ model: 'shop', batch: 8, failure }] }],
  ])('%s', (_name, expected, part) => {
    expect(hasFailed({ ...clean, ...part })).toBe(expected);
  });
});
