import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../errors';
import { loadConfig } from '../platform/config/config';
import { type DemoResult, runDemo } from './demo/run-demo';
import { discoverDomains } from './discover-domains';
import { launchPlatform } from './launcher/launch-platform';
import { ProgressBoard } from './launcher/progress-board';
import { metricsTable } from './launcher/reports';

/**
 * `npm start`: the whole platform on this machine, with a trained demo tenant for each domain.
 * `--no-demo` leaves the tenants out. It serves until it is told to end.
 */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const board = new ProgressBoard(process.stderr);
  await mkdir(config.dataDirectory, { recursive: true });
  const log = createWriteStream(path.join(config.dataDirectory, 'platform.log'), { flags: 'a', mode: 0o600 });
  const ending = endOnSignal(board);

  const platform = await launchPlatform({
    config,
    environment: process.env,
    onNotice: (message) => board.note(message),
    onLog: (line) => log.write(`${line}\n`),
  });
  try {
    if (!process.argv.includes('--no-demo') && !ending.aborted) {
      const results = await runDemo({
        ...platform,
        domains: discoverDomains(),
        dataDirectory: config.dataDirectory,
        scale: 1,
        signal: ending,
        board,
      });
      board.note(`\n${metricsTable(results)}\n\n${demoAccess(platform.url, results)}`);
    }
    board.note(
      `\nPropensity serves at ${platform.url}\nPlatform administrator's key: ${platform.platformAdminKey}\nLogs: ${log.path.toString()}\nCtrl-C ends it.`,
    );
    await new Promise<void>((resolve) => {
      if (ending.aborted) resolve();
      else ending.addEventListener('abort', () => resolve());
    });
  } catch (error) {
    if (!ending.aborted) throw error;
  } finally {
    board.end();
    board.note('Ending: runs in progress are kept and go on at the next start');
    await platform.stop();
    log.end();
  }
}

/** Ctrl-C and SIGTERM end in order; a second one at once (the processes notice by themselves that they are alone). */
function endOnSignal(board: ProgressBoard): AbortSignal {
  const ending = new AbortController();
  const onSignal = (): void => {
    if (ending.signal.aborted) {
      board.end();
      process.exit(130);
    }
    ending.abort(new Error('interrupted'));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return ending.signal;
}

/** The demo keys, and one request that works when it is pasted. */
function demoAccess(url: string, results: readonly DemoResult[]): string {
  const keys = results.map(({ seeded, domain }) => `  ${domain.slug.padEnd(20)} ${seeded.apiKey}`);
  const [first] = results;
  if (!first) return '';
  const body = JSON.stringify({
    query: first.domain.demoQuery.replace(/\s+/g, ' '),
    variables: { input: first.seeded.data.demo },
  });
  return [
    'Demo keys:',
    ...keys,
    '',
    'Try it:',
    `curl -s ${url} -H 'content-type: application/json' -H 'authorization: Bearer ${first.seeded.apiKey}' -d '${body.replaceAll("'", "'\\''")}'`,
  ].join('\n');
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
