import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describeWithVulkan } from '../../test/support/devices/software-vulkan';
import { allCases } from './all-cases';
import { runSuite } from './device-suite';
import { findFallbacks } from './fallbacks';
import { type CaseResult } from './messages';

const built = path.resolve(__dirname, '../../dist/scripts/device-check');

/**
 * On a driver that runs on the CPU, shaders take seconds to compile and matrices minutes to multiply: the standard
 * presets are left to `scripts/gpu-check`.
 */
const cases = allCases().filter(({ size }) => size === 'small');

test('every case has a name of its own', () => {
  expect(new Set(allCases().map(({ name }) => name)).size).toBe(allCases().length);
});

describeWithVulkan('WebGPU computes what the CPU computes', (environment) => {
  let results: Map<string, CaseResult>;
  beforeAll(async () => {
    const names = cases.map(({ name }) => name);
    const script = path.join(built, 'compute-cases.js');
    const all = await runSuite({ device: 'webgpu', names, environment, secondsPerCase: 240, script });
    results = new Map(all.map((result) => [result.name, result]));
  }, 600_000);

  test.each(cases.map(({ kind, name }) => ({ kind, name })))('$kind: $name', ({ name }) => {
    expect(results.get(name)).toMatchObject({ failure: null });
  });

  test('the ops that run on the CPU are those that docs/gpu.md lists', async () => {
    const script = path.join(built, 'find-fallbacks.js');
    const onCpu = await findFallbacks({ device: 'webgpu', environment, script });
    const docs = readFileSync(path.resolve(__dirname, '../../docs/gpu.md'), 'utf8');
    const row = /^\| webgpu +\| ([^|]*) \|$/m.exec(docs)?.[1] ?? '';
    expect(Array.from(row.matchAll(/`(\w+)`/g), ([, op]) => op)).toEqual(onCpu);
  });
});
