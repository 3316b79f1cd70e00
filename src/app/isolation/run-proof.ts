import { randomBytes } from 'node:crypto';
import { isObjectType } from 'graphql';
import { z } from 'zod';
import { type DomainDefinition } from '../../domain-kit';
import { AppError } from '../../errors';
import { Caller, type Tenant } from './caller';
import { cleanUp } from './clean-up';
import { changes, crawl, learn, settledReading } from './crawl';
import { fillTenant } from './fill-tenant';
import { argumentsFor, placesOf } from './input-places';
import { KnownValues } from './known-values';
import { without } from './mask-answer';
import { type Options } from './options';
import { Party } from './party';
import { Notebook, type Proof } from './proof';
import { type OperationKind, readSchema } from './published-schema';
import { Subscriber } from './subscriber';
import { tryDisguises, tryKeys } from './try-credentials';
import { tryLinks } from './try-links';
import { type Trial, tryOperation } from './try-operation';

export interface ProofRun extends Omit<Options, 'json'> {
  readonly domain: DomainDefinition;
  onProgress(line: string): void;
}

interface Named {
  readonly tenantId: string;
  readonly tenant: Tenant;
}

/**
 * Fills two tenants, then tries every field of the schema as one of them with all that the other's answers hold.
 * @throws AppError BAD_USER_INPUT when the keys or the schema do not do; UNAVAILABLE when the API does not answer
 */
export async function proveIsolation(run: ProofRun): Promise<Proof> {
  const first = new Party(run.url, run.adminKey ?? run.strangerKey);
  const schema = await readSchema(first, run.schema);
  const caller = new Caller(schema);
  const preferred = { DomainKind: run.domain.kind };
  const party = async (role: 'owner' | 'stranger', key: string | null): Promise<Named> => {
    const marker = `${role}-${randomBytes(5).toString('hex')}`;
    const known = new KnownValues(schema, marker, `name-${randomBytes(5).toString('hex')}`, preferred);
    const made = key === null ? await createTenant(caller, { party: first, known }) : { key };
    const tenant = { party: new Party(run.url, made.key), known };
    return { tenant, tenantId: await tenantIdOf(tenant) };
  };
  run.onProgress('two tenants are made');
  const owner = await party('owner', run.ownerKey);
  const stranger = await party('stranger', run.strangerKey);
  if (owner.tenantId === stranger.tenantId)
    throw new AppError('BAD_USER_INPUT', 'both keys are of one tenant: isolation is between two');
  const subscriber = new Subscriber(stranger.tenant.party);
  try {
    return await prove(run, { caller, owner, stranger, subscriber });
  } finally {
    await subscriber.close();
  }
}

interface Parties {
  readonly caller: Caller;
  readonly owner: Named;
  readonly stranger: Named;
  readonly subscriber: Subscriber;
}

async function prove(run: ProofRun, { caller, owner, stranger, subscriber }: Parties): Promise<Proof> {
  const trial: Trial = {
    caller,
    owner: owner.tenant,
    stranger: stranger.tenant,
    subscriber,
    stored: new Set(),
  };
  const notebook = new Notebook();
  listenToAll(trial);
  run.onProgress('they are filled, and models of theirs are trained');
  const fill = (tenant: Tenant, seed: number) => fillTenant(caller, tenant, { ...run, seed });
  const [filling] = await Promise.all([fill(owner.tenant, 11), fill(stranger.tenant, 12)]);
  run.onProgress('what each may read is read');
  await learn(caller, stranger.tenant);
  const settled = await settledReading(caller, owner.tenant);
  const restless = [...settled.restless];
  const before = new Map([...settled.reading].filter(([request]) => !restless.includes(request)));

  await tryOperations(run, { trial, notebook, kinds: ['query', 'subscription'] });
  if (run.only.length === 0) {
    run.onProgress('links, headers, keys');
    await notebook.about('links', (notes) => tryLinks(trial, notes));
    await notebook.about('disguises', (notes) => tryDisguises(trial, owner.tenantId, notes));
    const traces = [owner.tenantId, owner.tenant.party.key?.slice(0, 10) ?? ''];
    await notebook.about('keys', (notes) => tryKeys(trial, { keys: filling.deadKeys, traces }, notes));
  }
  // Last: what they leave behind is the stranger's own from then on.
  await tryOperations(run, { trial, notebook, kinds: ['mutation'] });
  // With a key that had ended on the way, nothing would have been tried.
  await tenantIdOf(stranger.tenant);
  await notebook.about('what the stranger reads', async (notes) => {
    const reading = await crawl(caller, stranger.tenant);
    notes.requests = reading.size;
    for (const { request, content } of reading.values()) {
      const found = owner.tenant.known.found(
        [...trial.stored].reduce(without, content),
        stranger.tenant.known,
      );
      if (found.length > 0) notes.find('LEAK', request.root.name, found.slice(0, 3).join(', '));
    }
  });
  await notebook.about('what subscriptions heard', (notes) => {
    notes.requests = subscriber.messages.length;
    const found = owner.tenant.known.found(subscriber.messages.join('\n'), stranger.tenant.known);
    if (found.length > 0) notes.find('LEAK', 'a message', found.slice(0, 3).join(', '));
    return Promise.resolve();
  });
  run.onProgress('the owner reads again');
  await notebook.about('what the owner reads', async (notes) => {
    notes.requests = before.size;
    const after = await changes(caller, owner.tenant, { before, stranger: stranger.tenant.known });
    for (const { request, detail } of after.differences) notes.find('CHANGE', request, detail);
    restless.push(...after.restless);
  });

  run.onProgress('what can be removed is removed');
  const isMade = run.adminKey !== null;
  const remains = [
    ...(await cleanUp(caller, owner.tenant, isMade)),
    ...(await cleanUp(caller, stranger.tenant, isMade)),
    ...(isMade ? [`the tenants ${owner.tenantId} and ${stranger.tenantId}, without a key in force`] : []),
  ];
  return {
    url: run.url,
    ...{ tried: notebook.tried, findings: notebook.findings, remains },
    notFilled: filling.missing,
    restless,
    withoutInstance: withoutInstance(caller, owner.tenant),
  };
}

async function tryOperations(
  run: ProofRun,
  {
    trial,
    notebook,
    kinds,
  }: { readonly trial: Trial; readonly notebook: Notebook; readonly kinds: readonly OperationKind[] },
): Promise<void> {
  for (const root of trial.caller.roots) {
    if (!kinds.includes(root.operation) || (run.only.length > 0 && !run.only.includes(root.name))) continue;
    const operation = `${root.operation} ${root.name}`;
    run.onProgress(operation);
    await notebook.about(operation, (notes) => tryOperation(trial, root, notes));
  }
}

/** Subscriptions that need no id are listened to from the beginning: while the owner is filled, and all the time. */
function listenToAll({ caller, stranger, subscriber }: Trial): void {
  for (const root of caller.roots) {
    if (root.operation !== 'subscription') continue;
    const args = argumentsFor(root.field.args, stranger.known);
    const required = Object.keys(args);
    if (placesOf(root.field.args).some(({ path }) => required.includes(path[0] ?? ''))) continue;
    subscriber.listen(caller.document({ root, args }, stranger.known), args);
  }
}

/** Types with an id of which the tenant has nothing. */
function withoutInstance({ schema }: Caller, { known }: Tenant): string[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && String(type.getFields()['id']?.type) === 'ID!')
    .map(({ name }) => name)
    .filter((name) => !known.ids.has(name));
}

const created = z.object({ apiKey: z.object({ key: z.string() }) });
const seen = z.object({ apiKeyId: z.string().optional(), tenant: z.object({ id: z.string() }) });

async function createTenant(caller: Caller, { party, known }: Tenant): Promise<{ readonly key: string }> {
  const root = caller.root('createTenant');
  const input = { slug: `isolation-${known.marker}`, name: `Isolation: ${known.marker}` };
  const answer = root ? await caller.call({ party, known }, { root, args: { input } }) : null;
  const tenant = created.safeParse(answer?.data?.['createTenant']);
  if (tenant.success) return tenant.data.apiKey;
  throw new AppError(
    'BAD_USER_INPUT',
    `no tenant can be made: ${answer?.text.slice(0, 300) ?? 'createTenant is not in the schema'}`,
  );
}

/** @throws AppError BAD_USER_INPUT for a key that is no tenant's */
async function tenantIdOf({ party, known }: Tenant): Promise<string> {
  const { data, text } = await party.ask(
    '{ viewer { __typename apiKeyId tenant { __typename id slug name } } }',
    {},
  );
  const viewer = seen.safeParse(data?.['viewer']);
  if (!viewer.success) throw new AppError('BAD_USER_INPUT', `the key is no tenant's: ${text.slice(0, 300)}`);
  known.learn(data);
  known.learnSecret(party.key ?? '');
  known.keyInUse = viewer.data.apiKeyId ?? null;
  return viewer.data.tenant.id;
}
