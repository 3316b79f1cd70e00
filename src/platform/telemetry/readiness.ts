import { setTimeout as sleep } from 'node:timers/promises';

/** What does not say anything for so long is not there. */
const PATIENCE_MS = 2_000;

/** By what a process needs for its work, whether it is there. */
export type Checks = Readonly<Record<string, () => boolean | Promise<boolean>>>;

export interface Readiness {
  readonly isReady: boolean;
  readonly body: { readonly status: string; readonly checks: Readonly<Record<string, boolean>> };
}

/** Asks for everything at once; what fails, or does not answer in time, is not there. */
export async function readiness(checks: Checks): Promise<Readiness> {
  const asked = Object.entries(checks).map(async ([name, check]) => [name, await answers(check)] as const);
  const found = Object.fromEntries(await Promise.all(asked));
  const isReady = Object.values(found).every(Boolean);
  return { isReady, body: { status: isReady ? 'ready' : 'not ready', checks: found } };
}

async function answers(check: Checks[string]): Promise<boolean> {
  const patience = new AbortController();
  const late = sleep(PATIENCE_MS, false, { signal: patience.signal }).catch(() => false);
  const asked = Promise.resolve()
    .then(check)
    .catch(() => false);
  const isThere = await Promise.race([asked, late]);
  patience.abort();
  return isThere;
}
