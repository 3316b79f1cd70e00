/**
 * A process of its own that outlives a killed launcher and ends the embedded server when nobody else uses it.
 *
 * Its standard input comes from the launcher: first a line with the database's folder. When the input ends the
 * launcher is gone; a further line says that the launcher ended in order and nothing is left to do.
 */
import { Cluster } from './cluster';
import { isPostgres, pause } from './processes';
import { claimUnused } from './server-use';

const POLL_MS = 100;
/** A server that the launcher has just started may still be recovering from a crash. */
const TIMEOUT_MS = 120_000;
/** The server may notice late that the launcher's session is gone: only then is it used by others. */
const PATIENCE_MS = 5_000;

async function main(): Promise<void> {
  process.stdin.setEncoding('utf8');
  let input = '';
  for await (const chunk of process.stdin) input += String(chunk);
  const [folder = '', farewell = ''] = input.split('\n');
  if (folder !== '' && farewell === '') await endUnused(new Cluster(folder));
}

async function endUnused(cluster: Cluster): Promise<void> {
  const start = Date.now();
  while (Date.now() - start < TIMEOUT_MS) {
    const { running } = cluster;
    if (running === null || !isPostgres(running.pid)) return;
    const claimed = running.ready ? await claimUnused(cluster.url(running.port)) : null;
    // Fast shutdown: sessions are ended, nothing is lost.
    if (claimed === true) process.kill(running.pid, 'SIGINT');
    if (claimed === true || (claimed === false && Date.now() - start > PATIENCE_MS)) return;
    await pause(POLL_MS);
  }
}

main().then(
  () => process.exit(0),
  () => process.exit(1),
);
