import { setTimeout as sleep } from 'node:timers/promises';
import { Deployment } from './deployment';
import { faultsOf } from './faults/fault';
import { injectFaults, planned } from './faults/inject';
import { Caller } from './load/caller';
import { Load } from './load/load';
import { CREATE_TENANT, hasEnded, RUNS } from './load/operations';
import { Tenant } from './load/tenant';
import { Watch } from './load/watch';
import { type Options } from './options';
import { Random } from './random';
import { type Report } from './report';
import { ask, askAll } from './verify/ask';
import { verifyEvents } from './verify/events';
import { Findings } from './verify/findings';
import { verifyJobs } from './verify/jobs';
import { verifyModels, verifyPredictions } from './verify/models';
import { memoryOf, verifyResources } from './verify/resources';
import { verifyUploads } from './verify/uploads';

const TENANTS = ['amber', 'birch', 'cedar'];
const SETTLING_MS = 600_000;

/**
 * Starts a platform, lets things fail while tenants work with it, and compares what they were told with what is there.
 * However this process ends, the platform ends with it.
 */
export async function runChaos(
  { minutes, seed }: Pick<Options, 'minutes' | 'seed'>,
  say: (line: string) => void,
): Promise<Report> {
  const deployment = await Deployment.create();
  process.once('exit', () => deployment.abandon());
  try {
    say('a platform is started');
    await deployment.start();
    return await observe(deployment, { minutes, seed }, say);
  } catch (error) {
    for (const { name, log } of deployment.services) say(`${name} said last:\n${log.slice(-2_000)}`);
    throw error;
  } finally {
    await deployment.end();
  }
}

async function observe(
  deployment: Deployment,
  { minutes, seed }: Pick<Options, 'minutes' | 'seed'>,
  say: (line: string) => void,
): Promise<Report> {
  const random = new Random(seed);
  const watch = new Watch();
  const findings = new Findings();
  const tenants = await makeTenants(deployment, random, watch);
  const load = new Load(tenants);
  say(`seed ${seed}: each tenant trains its first model`);
  await load.warmUp();
  const before = memoryOf(deployment);
  const possible = faultsOf(deployment);
  const kinds = [...new Set(possible.map(({ kind }) => kind))];
  const plan = planned(possible, new Random(seed), minutes);
  load.start();
  const faults = await injectFaults(plan, { minutes, kinds }, (name, seconds) => {
    const counts = JSON.stringify(sum(tenants.map(({ ledger }) => ledger.counts)));
    say(`${name} for ${seconds.toFixed(1)} s; acknowledged so far ${counts}`);
  });
  await load.stop();

  say('no more faults: waiting until no run is open');
  const since = Date.now();
  await settled(tenants);
  const settledSeconds = Math.round((Date.now() - since) / 1_000);
  const acknowledgements = sum(tenants.map(({ ledger }) => ledger.counts));
  const { unanswered } = watch;
  say('comparing what was acknowledged with what is there');
  const ended: Record<string, number>[] = [];
  for (const tenant of tenants) {
    await verifyEvents(tenant, findings);
    await verifyUploads(tenant, findings);
    ended.push(await verifyJobs(tenant, findings));
    await verifyPredictions(tenant, findings);
    await verifyModels(tenant, findings);
  }
  const resources = await verifyResources(deployment, before, findings);

  const internal = Object.entries(watch.codes).filter(([code]) => code.startsWith('INTERNAL'));
  const violations = [...findings.texts, ...watch.seen, ...load.pried, ...watch.internal];
  const { lost, duplicated, damaged, leaked } = findings;
  const crossTenant = watch.seen.length + load.pried.length;
  const internalErrors = internal.reduce((all, [, count]) => all + count, 0);
  return {
    ...{ minutes, seed, queue: deployment.redis ? 'redis' : 'postgres', faults, omitted: deployment.omitted },
    ...{ planned: kinds, acknowledged: total(acknowledgements), acknowledgements, unanswered },
    ...{ ended: sum(ended), answers: watch.codes, settledSeconds },
    ...{ lost, duplicated, damaged, leaked, crossTenant, internalErrors },
    ...{ answersSearched: watch.looked, askedForAnothers: load.pries, resources, violations },
    passed: lost + duplicated + damaged + leaked + crossTenant + internalErrors === 0,
  };
}

async function makeTenants(deployment: Deployment, random: Random, watch: Watch): Promise<Tenant[]> {
  const admin = new Caller(deployment.url, deployment.adminKey, 'administrator', watch);
  const tenants: Tenant[] = [];
  for (const name of TENANTS) {
    const marker = `${name}-${Math.floor(random.next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')}`;
    const { apiKey } = await ask(admin, CREATE_TENANT, { input: { slug: marker, name: marker } });
    watch.addTenant(marker);
    const caller = new Caller(deployment.url, apiKey.key, marker, watch);
    tenants.push(new Tenant(caller, new Random(Math.floor(random.next() * 2 ** 32)), watch));
  }
  return tenants;
}

/** Resolves when no run of any tenant is open; what is still open after that time is lost. */
async function settled(tenants: readonly Tenant[]): Promise<void> {
  for (const deadline = Date.now() + SETTLING_MS; Date.now() < deadline;) {
    const runs = await Promise.all(tenants.map(({ caller }) => askAll(caller, RUNS)));
    if (runs.flat().every(({ state }) => hasEnded(state))) return;
    await sleep(1_000);
  }
}

function sum(counts: readonly Record<string, number>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const [name, count] of counts.flatMap((each) => Object.entries(each)))
    total[name] = (total[name] ?? 0) + count;
  return total;
}

const total = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((all, count) => all + count, 0);
