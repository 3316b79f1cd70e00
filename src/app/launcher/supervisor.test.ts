import path from 'node:path';
import { AppError } from '../../errors';
import { type ChildOptions, startChild } from './child';
import { Supervisor } from './supervisor';

const options = (script: string): ChildOptions => ({
  name: script,
  entry: path.resolve(__dirname, '../../../test/support/children', `${script}.cjs`),
  environment: process.env,
  onLog: () => undefined,
});

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('a child that refuses to start gives its own last words', async () => {
  await expect(startChild(options('refusing'))).rejects.toEqual(
    new AppError('UNAVAILABLE', 'port 4000 is in use: set PORT to another one'),
  );
});

test('a child that is killed is started again, and stop ends it for good', async () => {
  const notices: string[] = [];
  let noticed = (): void => undefined;
  const supervisor = new Supervisor({
    onNotice(message) {
      notices.push(message);
      if (message.endsWith('is up again')) noticed();
    },
  });
  const child = await supervisor.start(options('steady'));
  const again = new Promise<void>((resolve) => (noticed = resolve));
  child.process.kill('SIGKILL');
  await again;
  expect(notices[0]).toContain('steady ended (SIGKILL)');
  await supervisor.stop(5_000);
  expect(alive(child.process.pid!)).toBe(false);
  expect(notices).toHaveLength(2);
});

test('a child that ignores SIGTERM is killed after the grace period', async () => {
  const supervisor = new Supervisor({ onNotice: () => undefined });
  const child = await supervisor.start(options('deaf'));
  await supervisor.stop(50);
  expect(await child.exited).toBe('SIGKILL');
  expect(alive(child.process.pid!)).toBe(false);
});
