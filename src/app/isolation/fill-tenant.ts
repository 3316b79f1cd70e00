import { z } from 'zod';
import { type DomainDefinition } from '../../domain-kit';
import { type Caller, succeeded, type Tenant } from './caller';
import { argumentsFor, type OwnValues } from './input-places';
import { type Answer } from './party';

/** What the tenant is filled with, and what could not be made. */
export interface Filling {
  /** Each with the reason. */
  readonly missing: readonly string[];
  /** Keys that were made and revoked. */
  readonly deadKeys: readonly string[];
}

export interface FillOptions {
  /** The domain that the data is of. */
  readonly domain: DomainDefinition;
  readonly seed: number;
  /** How long jobs are waited for. */
  readonly waitMs: number;
}

/** Examples: 1 is the demo's size. */
const SCALE = 0.02;
const POLL_MS = 500;
/** Connections whose objects are worked on behind the API. */
const JOBS = ['trainingRuns', 'batchScorings', 'eventSnapshots', 'subjectRequests'];
const ENDED = ['SUCCEEDED', 'FAILED', 'CANCELLED'];
const page = z.object({ nodes: z.array(z.object({ state: z.string() })) });
/** Mutations by these words end something, or put it in another's place: they are not called to fill a tenant. */
const ENDING = /^(delete|revoke|erase|remove|cancel|end|rotate|reset|rollback|purge|disable|retire|promote)/;
/** Platform administration. */
const NOT_OURS = new Set(['createTenant', 'setTenantQuotas', 'setTrainingShare']);

/**
 * Fills a tenant with something of each kind, by the API alone: what the script below knows first, then one call of every
 * mutation that it does not, so that a new kind of thing is there as well.
 */
export async function fillTenant(caller: Caller, tenant: Tenant, options: FillOptions): Promise<Filling> {
  const filler = new Filler(caller, tenant, options);
  await filler.data();
  await filler.settings();
  await filler.models();
  await filler.people();
  await filler.everythingElse();
  await filler.jobsEnd();
  return { missing: [...filler.missing], deadKeys: filler.deadKeys };
}

class Filler {
  readonly missing = new Set<string>();
  readonly deadKeys: string[] = [];
  private datasetId: string | null = null;
  private readonly called = new Set<string>();
  private readonly kind: string;
  private readonly marker: string;

  constructor(
    private readonly caller: Caller,
    private readonly tenant: Tenant,
    private readonly options: FillOptions,
  ) {
    this.kind = options.domain.kind;
    this.marker = tenant.known.marker;
  }

  async data(): Promise<void> {
    const { kind, marker } = this;
    await this.call('configureDomain', { kind, preset: 'TINY' });
    // One whose link still waits for its file, and has a name that others may give as well.
    await this.call('createDataset', { kind, name: this.tenant.known.name });
    const announced = await this.call('createDataset', { kind, name: `${marker} events` });
    const [link] = uploadsIn(announced.text);
    this.datasetId = this.tenant.known.id('datasetId');
    const lines = [...this.options.domain.generate({ seed: this.options.seed, scale: SCALE }).csv()];
    // Subjects are the tenant's own.
    const body = lines.map((line) => line.replace(/\b[a-z](\d{5})\b/g, `${marker}-$1`)).join('\n');
    if (link !== undefined) {
      const { status, text } = await this.tenant.party.http('PUT', link, {
        headers: { 'content-type': 'text/csv' },
        body: `${body}\n`,
      });
      if (status !== 200) this.missing.add(`the upload: ${text}`);
    }
    const events = [1, 2, 3].map((number) => ({
      id: `${marker}-event-${number}`,
      subjectId: `${marker}-${number}`,
      at: new Date(Date.now() - number * 60_000).toISOString(),
      kind: 'view',
      values: [{ name: 'category', text: marker }],
    }));
    await this.call('ingestEvents', { domain: kind, events });
    for (const name of ['subjectId', 'userId']) this.tenant.known.note(name, `${marker}-1`);
    await this.call('snapshotEvents', { domain: kind, name: `${marker} snapshot` });
  }

  async settings(): Promise<void> {
    const { kind, marker } = this;
    await this.call('setWebhook', { url: `https://${marker}.example.com/` });
    await this.call('setWebhook', { url: `https://${this.tenant.known.name}.example.com/` });
    // Once a year, so that it does not begin while isolation is proven.
    await this.call('setRetrainingSchedule', { domain: kind, cron: '0 3 1 1 *', onDrift: false });
    await this.call('configurePredictionLog', { domain: kind, share: 1 });
    for (const [mutation, policy] of [
      ['draftShopPolicy', { audience: { contactCost: 1 } }],
      ['draftAdPolicy', { floorEcpm: 2 }],
      ['draftRiskPolicy', { bands: [{ name: marker, decision: 'REVIEW', from: 0, below: 1 }] }],
    ] as const)
      await this.call(mutation, { policy, note: marker });
    await this.call('activatePolicy', { policyId: this.tenant.known.id('policyId') });
    for (const name of [`${marker} key`, this.tenant.known.name])
      await this.call('createApiKey', { name, role: 'ANALYST' });
    const { text } = await this.call('createApiKey', { name: `${marker} revoked`, role: 'TENANT_ADMIN' });
    await this.call('revokeApiKey', { apiKeyId: this.tenant.known.id('apiKeyId') });
    this.deadKeys.push(...(text.match(/pk_[\w-]{43}/g) ?? []));
  }

  async models(): Promise<void> {
    const { kind, marker } = this;
    const { known } = this.tenant;
    const datasetId = this.datasetId ?? '';
    for (let time = 0; time < 2; time++) await this.call('startTraining', { kind, datasetId });
    await this.call('startStudy', { kind, datasetId, crossValidation: { folds: 2 } });
    await this.jobsEnd();
    await this.read('modelVersions');
    const [champion, other] = [...(known.ids.get('ModelVersion') ?? [])];
    if (champion === undefined || other === undefined) {
      this.missing.add('models: no training ended in time');
      return;
    }
    // How good such models are is not the question here.
    const baselineOverride = { reason: 'a small model of the proof of isolation' };
    await this.call('promoteModel', { modelVersionId: champion, baselineOverride });
    await this.call('startChallenger', {
      ...{ domain: kind, modelVersionId: other, mode: 'SHADOW', share: 1, baselineOverride },
    });
    for (const root of this.caller.roots) {
      const input = root.field.args.find(
        ({ name, type }) => name === 'input' && String(type).endsWith('IntentInput!'),
      );
      if (!input) continue;
      const answer = await this.caller.call(this.tenant, {
        root,
        args: { input: { userId: `${marker}-1` } },
      });
      known.learn(answer.data);
    }
    await this.read('predictions', { filter: { domain: kind } });
    const predictionId = known.id('predictionId');
    const at = new Date().toISOString();
    await this.call('recordOutcomes', { domain: kind, outcomes: [{ predictionId, label: true, at }] });
    await this.call('scoreDataset', { datasetId, modelVersionId: champion });
    await this.call('scoreSubjects', { kind, modelVersionId: champion });
  }

  async people(): Promise<void> {
    const { marker } = this;
    await this.jobsEnd();
    await this.call('exportSubject', { subjectId: `${marker}-1` });
    await this.call('eraseSubject', { subjectId: `${marker}-2`, models: 'KEEP', legalGround: marker });
  }

  /** Mutations that the script does not know, with whatever their arguments allow. */
  async everythingElse(): Promise<void> {
    for (const root of this.caller.roots) {
      const { operation, name, field } = root;
      if (operation !== 'mutation' || this.called.has(name) || NOT_OURS.has(name) || ENDING.test(name))
        continue;
      const { known } = this.tenant;
      await this.send(name, argumentsFor(field.args, known));
      // Once more with the name that others may give as well.
      const named: OwnValues = {
        text: known.name,
        id: known.id.bind(known),
        enumValue: known.enumValue.bind(known),
      };
      await this.send(name, argumentsFor(field.args, named));
    }
  }

  async jobsEnd(): Promise<void> {
    const until = Date.now() + this.options.waitMs;
    for (;;) {
      let ended = true;
      for (const job of JOBS) {
        const jobs = page.safeParse((await this.read(job)).data?.[job]);
        if (jobs.success && jobs.data.nodes.some(({ state }) => !ENDED.includes(state))) ended = false;
      }
      if (ended) return;
      if (Date.now() > until) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  private async read(
    name: string,
    args: Record<string, unknown> = {},
  ): Promise<Pick<Answer, 'text' | 'data'>> {
    const root = this.caller.root(name);
    if (!root) return { text: '', data: null };
    const answer = await this.caller.call(this.tenant, { root, args });
    this.tenant.known.learn(answer.data);
    return answer;
  }

  private async call(name: string, input: object): Promise<Pick<Answer, 'text' | 'data'>> {
    return this.send(name, { input });
  }

  private async send(
    name: string,
    args: Readonly<Record<string, unknown>>,
  ): Promise<Pick<Answer, 'text' | 'data'>> {
    this.called.add(name);
    const root = this.caller.root(name);
    if (!root) return { text: '', data: null };
    const answer = await this.caller.call(this.tenant, { root, args });
    this.tenant.known.learn(answer.data);
    if (!succeeded(answer)) this.missing.add(`${name}: ${reasonOf(answer)}`);
    return answer;
  }
}

function uploadsIn(text: string): string[] {
  return [...text.matchAll(/"uploadUrl":"([^"]+)"/g)].map(([, link]) => link ?? '');
}

function reasonOf({ errors, data, text }: Answer): string {
  const [value] = Object.values(data ?? {});
  const message = typeof value === 'object' && value !== null && 'message' in value ? value.message : null;
  return errors[0]?.message ?? (typeof message === 'string' ? message : text.slice(0, 200));
}
