import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestClient } from '../support/e2e/client';
import { PlatformProcess, withDataDirectory } from '../support/e2e/platform';
import { processesOf, processesThatMention } from '../support/e2e/processes';
import { freePort } from '../support/free-port';

const VIEWER = '{ viewer { role } }';

/** Waits until no process of a data folder is left. */
async function nothingLeft(dataDirectory: string): Promise<void> {
  for (let waited = 0; processesThatMention(dataDirectory).length > 0; waited += 100) {
    if (waited > 30_000) {
      const left = spawnSync('ps', [
        '-o',
        'pid,args',
        '-p',
        processesThatMention(dataDirectory).join(),
      ]).stdout;
      throw new Error(`still running:\n${left.toString()}`);
    }
    await sleep(100);
  }
}

describe('npm start', () => {
  test('Ctrl-C leaves no process; a second start finds everything as it was', () =>
    withDataDirectory(async (dataDirectory) => {
      const first = PlatformProcess.start({ dataDirectory });
      const admin = new TestClient(await first.url(), await first.platformAdminKey());
      const tenant = await admin.createTenant('kept');
      expect(await first.stop()).toBe(0);
      await nothingLeft(dataDirectory);

      const second = PlatformProcess.start({ dataDirectory });
      try {
        const again = new TestClient(await second.url(), tenant.apiKey);
        expect(await again.field(VIEWER)).toEqual({ role: 'TENANT_ADMIN' });
      } finally {
        expect(await second.stop()).toBe(0);
      }
      await nothingLeft(dataDirectory);
    }));

  test('after kill -9 of every process, the next start serves what was acknowledged', () =>
    withDataDirectory(async (dataDirectory) => {
      const first = PlatformProcess.start({ dataDirectory });
      const admin = new TestClient(await first.url(), await first.platformAdminKey());
      const tenant = await admin.createTenant('survivor');
      for (const pid of processesThatMention(dataDirectory)) process.kill(pid, 'SIGKILL');
      await first.exited();

      const second = PlatformProcess.start({ dataDirectory });
      try {
        const again = new TestClient(await second.url(), tenant.apiKey);
        expect(await again.field(VIEWER)).toEqual({ role: 'TENANT_ADMIN' });
      } finally {
        await second.stop();
      }
      await nothingLeft(dataDirectory);
    }));

  test('a launcher that is killed takes its processes with it', () =>
    withDataDirectory(async (dataDirectory) => {
      const platform = PlatformProcess.start({ dataDirectory });
      await platform.url();
      platform.process.kill('SIGKILL');
      await nothingLeft(dataDirectory);
    }));

  test('an API that is killed is started again', () =>
    withDataDirectory(async (dataDirectory) => {
      const platform = PlatformProcess.start({
        dataDirectory,
        environment: { PORT: String(await freePort()) },
      });
      try {
        const admin = new TestClient(await platform.url(), await platform.platformAdminKey());
        for (const pid of processesOf('api-main.js', dataDirectory)) process.kill(pid, 'SIGKILL');
        await platform.saysMatch(/api is up again/);
        expect(await admin.field(VIEWER)).toEqual({ role: 'PLATFORM_ADMIN' });
      } finally {
        await platform.stop();
      }
    }));
});

describe('a start that cannot succeed says why in one line and ends', () => {
  const refusal = async (environment: NodeJS.ProcessEnv, dataDirectory: string): Promise<string> => {
    const platform = PlatformProcess.start({ dataDirectory, environment });
    expect(await platform.exited()).toBe(1);
    await nothingLeft(dataDirectory);
    expect(platform.written).not.toMatch(/^\s+at /m);
    return platform.written.trimEnd().split('\n').at(-1) ?? '';
  };

  test('a malformed DATABASE_URL', () =>
    withDataDirectory(async (dataDirectory) => {
      expect(await refusal({ DATABASE_URL: 'not a url' }, dataDirectory)).toMatch(
        /DATABASE_URL .*postgres:\/\//,
      );
    }));

  test('a database that does not answer', () =>
    withDataDirectory(async (dataDirectory) => {
      const url = `postgres://someone:secret@127.0.0.1:${await freePort()}/nothing`;
      const line = await refusal({ DATABASE_URL: url }, dataDirectory);
      expect(line).toMatch(/database/i);
      expect(line).not.toContain('secret');
    }));

  test('a port in use', () =>
    withDataDirectory(async (dataDirectory) => {
      const taken = createServer();
      await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
      const { port } = taken.address() as AddressInfo;
      const line = await refusal({ PORT: String(port) }, dataDirectory);
      expect(line).toContain(String(port));
      expect(line).toContain('PORT');
      taken.close();
    }));

  test('a data folder that is a file', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'propensity-e2e-'));
    const file = path.join(folder, 'data');
    await writeFile(file, '');
    expect(await refusal({}, file)).toContain(file);
    await rm(folder, { recursive: true });
  });

  test('a data folder that cannot be written', () =>
    withDataDirectory(async (dataDirectory) => {
      await chmod(dataDirectory, 0o500);
      // Permissions do not hold root back, but nobody can make a folder in sysfs.
      const folder = process.getuid?.() === 0 ? '/sys/propensity' : dataDirectory;
      expect(await refusal({}, folder)).toContain(folder);
    }));
});
