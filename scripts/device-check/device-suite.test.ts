import path from 'node:path';
import { runSuite } from './device-suite';
import { type CaseResult } from './messages';

const script = path.resolve(__dirname, '../../test/support/children/failing-cases.cjs');

const run = (names: readonly string[]): Promise<CaseResult[]> =>
  runSuite({ device: 'webgpu', names, environment: process.env, secondsPerCase: 5, script });

test('a crash and a hang are failures of their cases, and the others are computed', async () => {
  const results = await run(['first', 'crash', 'second', 'hang', 'third']);
  expect(results.map(({ name, failure }) => [name, failure])).toEqual([
    ['first', null],
    ['crash', expect.stringMatching(/^the process ended with SIGABRT.* while it ran$/s)],
    ['second', null],
    ['hang', 'no answer within 5 s while it ran'],
    ['third', null],
  ]);
});

test('where the device cannot be used, every case says why', async () => {
  const results = await run(['first', 'no device', 'second']);
  const failure = 'the process ended with code 1 (there is no device)';
  expect(results.map((result) => result.failure)).toEqual([failure, failure, failure]);
});
