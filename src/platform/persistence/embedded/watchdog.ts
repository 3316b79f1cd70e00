/**
 * A process of its own that outlives a killed launcher and ends the embedded server when nobody else uses it.
 *
 * Its standard input comes from the launcher: first a line with the database's folder. When the input ends the
 * launcher is gone; a further line says that the launcher ended in order and nothing is left to do.
 */
import { Cluster } from './cluster';
import { isPostgres, pause } from './processes';
import { claimUnused } from './server-use';

/** A server that the launcher has just started may still be recovering from a crash. */
const READY_TIMEOUT_MS = 120_000;

async function main(): Promise<void> {
  process.stdin.setEncoding('utf8');
  let input = '';
  for await (const chunk of process.stdin) input += String(chunk);
  const [folder = '', farewell = ''] = input.split('\n');
  if (folder === '' || farewell !== '') return;
  const cluster = new Cluster(folder);
  const deadline = Date.now() + READY_TIMEOUT_MS;
  let running = cluster.running;
  while (running !== null && !running.ready && isPostgres(running.pid) && Date.now() < deadline) {
    await pause(50);
    running = cluster.running;
  }
  if (running === null || !running.ready) return;
  const pid = await claimUnused(cluster.url(running.port));
  // Fast shutdown: sessions are ended, nothing is lost.
  if (pid !== null) process.kill(pid, 'SIGINT');
}

main().then(
  () => process.exit(0),
  () => process.exit(1),
);
