import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../errors';
import { findBinaries } from './embedded/binaries';
import { ensureCluster } from './embedded/cluster';
import { openLog } from './embedded/data-directory';
import { Guard } from './embedded/guard';
import { reachServer, type RunningServer, type ServerPlace } from './embedded/launch';
import { ended } from './embedded/processes';
import { claimUnused } from './embedded/server-use';
import { runtimeUser } from './embedded/runtime-user';

/** How long the server may take to end its sessions and write what is in memory. */
const STOP_TIMEOUT_MS = 30_000;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

export interface EmbeddedPostgresOptions {
  /** Folder of the database, made when it is absent. */
  readonly dataDirectory: string;
  /** Further server settings; for tests. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Told when the server was lost and when it is back: one line for the operator. */
  readonly onNotice?: (message: string) => void;
}

export interface EmbeddedPostgres {
  /** Connection string of the role that owns everything; loopback only. */
  readonly ownerUrl: string;
  /** Whether the server ran already, started by another process or left by a killed one. */
  readonly adopted: boolean;
  /** Ends the server when no other process uses it. */
  stop(): Promise<void>;
}

/**
 * Runs PostgreSQL on this machine, for a data directory. The server is shared by all processes that ask for the same
 * directory and ends with the last of them, in order or killed: each has a watchdog. A server that is lost meanwhile is
 * started again on the same port.
 *
 * @throws AppError INVALID_CONFIGURATION when the directory cannot be used, UNAVAILABLE when the server cannot run
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDirectory = path.resolve(options.dataDirectory);
  const log = openLog(dataDirectory);
  try {
    const user = runtimeUser(path.join(dataDirectory, 'postgres', 'data'));
    const binaries = findBinaries(user);
    const cluster = ensureCluster(dataDirectory, binaries, user);
    const guard = new Guard(cluster.folder);
    const abort = new AbortController();
    const { settings = {}, onNotice = () => undefined } = options;
    const place: ServerPlace = { cluster, binaries, user, log, settings, port: null, signal: abort.signal };
    try {
      return new Session({ place, guard, abort, onNotice }, await reachServer(place));
    } catch (error) {
      await guard.standDown();
      throw error;
    }
  } catch (error) {
    fs.closeSync(log.fd);
    throw error;
  }
}

interface SessionParts {
  readonly place: ServerPlace;
  readonly guard: Guard;
  /** Ends an attempt to mend. */
  readonly abort: AbortController;
  readonly onNotice: (message: string) => void;
}

/** One process's use of the server. */
class Session implements EmbeddedPostgres {
  readonly ownerUrl: string;
  readonly adopted: boolean;
  private mending: Promise<void> | null = null;
  private stopped: Promise<void> | null = null;

  constructor(
    private readonly parts: SessionParts,
    private server: RunningServer,
  ) {
    this.ownerUrl = parts.place.cluster.url(server.port);
    this.adopted = server.adopted;
    this.watch();
  }

  stop(): Promise<void> {
    this.stopped ??= this.end();
    return this.stopped;
  }

  private async end(): Promise<void> {
    const { abort, guard, place } = this.parts;
    abort.abort();
    await this.mending;
    // First our own use, then the claim: of several who end at once, the last one finds the server unused.
    await this.server.use.release();
    const claimed = await claimUnused(this.ownerUrl);
    if (claimed === true) await endServer(this.server.pid);
    await guard.standDown(claimed !== null);
    fs.closeSync(place.log.fd);
  }

  private watch(): void {
    void this.server.use.ended.then(() => {
      if (this.stopped === null) this.mending = this.mend().finally(() => (this.mending = null));
    });
  }

  /** Tries until the server is back. Others find it under the address they know. */
  private async mend(): Promise<void> {
    const { abort, onNotice, place } = this.parts;
    onNotice('the embedded PostgreSQL was lost; starting it again');
    let delayMs = FIRST_DELAY_MS;
    while (this.stopped === null) {
      try {
        this.server = await reachServer({ ...place, port: this.server.port });
        onNotice('the embedded PostgreSQL is up again');
        this.watch();
        return;
      } catch (error) {
        await this.retryLater(error, delayMs, abort.signal);
        delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
      }
    }
  }

  /** Waits before the next attempt, no longer than until the session is to end. */
  private async retryLater(error: unknown, delayMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.parts.onNotice(messageOf(error));
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Fast shutdown; what does not heed it is ended harder, and recovers at the next start. */
async function endServer(pid: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    if (await ended(pid, STOP_TIMEOUT_MS)) return;
  }
}
