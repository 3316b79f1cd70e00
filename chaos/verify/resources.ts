import { setTimeout as sleep } from 'node:timers/promises';
import { type Deployment } from '../deployment';
import { processesIn, residentBytes, treeOf } from '../processes/proc';
import { type Findings } from './findings';

const MIB = 1_024 * 1_024;
/** Of a process between the state before the faults, when it had served already, and that after them. */
const GROWTH_MIB = 256;
/** Connections of one process to PostgreSQL, as docs/operations.md says; without Redis the queue has some too. */
const CONNECTIONS = { api: 11, worker: 21 };
const QUEUE_CONNECTIONS = 12;
const SETTLING_MS = 90_000;
const POLL_MS = 1_000;

export type Memory = Record<string, number | null>;

/** Resident memory of each process of the platform, in MiB. */
export function memoryOf({ members }: Deployment): Memory {
  return Object.fromEntries(
    members.map(({ service }) => {
      const bytes = service.pid === null ? null : residentBytes(service.pid);
      return [service.name, bytes === null ? null : Math.round(bytes / MIB)];
    }),
  );
}

export interface Resources {
  readonly memoryMiB: { readonly before: Memory; readonly after: Memory; readonly growthBound: number };
  /** Each with what it may have. */
  readonly connections: Record<string, { readonly open: number; readonly bound: number }>;
  readonly serverConnections: number;
}

/** No process grew, has more connections than it needs, or left something behind: looked at until so, for a time. */
export async function verifyResources(
  deployment: Deployment,
  before: Memory,
  findings: Findings,
): Promise<Resources> {
  let found: { readonly resources: Resources; readonly problems: readonly string[] };
  const deadline = Date.now() + SETTLING_MS;
  do {
    await sleep(POLL_MS);
    found = await look(deployment, before);
  } while (found.problems.length > 0 && Date.now() < deadline);
  for (const problem of found.problems) findings.isLeaked(problem);
  return found.resources;
}

async function look(
  deployment: Deployment,
  before: Memory,
): Promise<{ resources: Resources; problems: string[] }> {
  const { members, postgres, redis } = deployment;
  const problems: string[] = [];
  const after = memoryOf(deployment);
  const connections: Resources['connections'] = {};
  for (const { role, service, links } of members) {
    const { name } = service;
    if ((after[name] ?? 0) - (before[name] ?? 0) > GROWTH_MIB)
      problems.push(`${name} grew from ${before[name]} to ${after[name]} MiB`);
    const bound = CONNECTIONS[role] + (redis ? 0 : QUEUE_CONNECTIONS);
    const open = links[0]?.connections ?? 0;
    connections[name] = { open, bound };
    if (open > bound) problems.push(`${name} has ${open} connections to PostgreSQL, more than ${bound}`);
    const known = service.pid === null ? [] : treeOf(service.pid);
    const orphans = processesIn(deployment.folderOf(name)).filter((pid) => !known.includes(pid));
    if (orphans.length > 0) problems.push(`${name} left ${orphans.length} processes behind`);
  }
  const serverConnections = await postgres.connections();
  const open = Object.values(connections).reduce((sum, connection) => sum + connection.open, 0);
  if (serverConnections > open)
    problems.push(
      `PostgreSQL has ${serverConnections} connections, of which nobody uses ${serverConnections - open}`,
    );
  for (const text of await postgres.forgottenTransactions())
    problems.push(`a transaction is left open: ${text}`);
  return {
    problems,
    resources: { memoryMiB: { before, after, growthBound: GROWTH_MIB }, connections, serverConnections },
  };
}
