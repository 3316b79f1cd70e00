import { spawnSync } from 'node:child_process';
import path from 'node:path';

const logger = path.resolve(__dirname, '../../../dist/src/platform/telemetry/logger.js');

/** Runs a program with a logger in it and returns what it wrote. */
function run(program: string): { lines: Record<string, unknown>[]; stdout: string } {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['-e', `const log = require(${JSON.stringify(logger)}).createLogger('worker', 'info'); ${program}`],
    { encoding: 'utf8' },
  );
  const lines = stderr.split('\n').filter((line) => line !== '');
  return { lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>), stdout };
}

describe('createLogger', () => {
  it('says to which trace a line belongs, where there is one', () => {
    const tracing = path.resolve(path.dirname(logger), 'tracing.js');
    const { lines } = run(
      `const { traceWith, within } = require(${JSON.stringify(tracing)});
       log.warn('before'); traceWith({}); within({ traceId: 'abc' }, () => log.warn('inside')); log.warn('after')`,
    );
    expect(lines.map(({ msg, traceId }) => [msg, traceId])).toEqual([
      ['before', undefined],
      ['inside', 'abc'],
      ['after', undefined],
    ]);
  });

  it('writes one JSON object per line to standard error, with what it was bound to, also when the process exits at once', () => {
    const { lines, stdout } = run(
      `log.child({ tenantId: 't', runId: 'r' }).warn({ epoch: 3 }, 'slow'); log.debug('unseen'); process.exit(0)`,
    );
    expect(stdout).toBe('');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 40,
      name: 'worker',
      tenantId: 't',
      runId: 'r',
      epoch: 3,
      msg: 'slow',
    });
  });

  it('writes errors with their stack and never a credential', () => {
    const { lines } = run(
      `log.error({ err: new Error('broken'), headers: { authorization: 'Bearer pk_x' }, key: 'pk_x', password: 'pk_x' })`,
    );
    expect(lines[0]).toMatchObject({ err: { message: 'broken', stack: expect.any(String) as string } });
    expect(JSON.stringify(lines)).not.toContain('pk_x');
  });
});
