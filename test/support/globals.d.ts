import { type ChildProcess } from 'node:child_process';

declare global {
  /** The process that keeps the run's PostgreSQL; between global set-up and teardown. */
  var testServer: ChildProcess | undefined;
}
