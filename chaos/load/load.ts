import { setTimeout as sleep } from 'node:timers/promises';
import { type Tenant } from './tenant';

/** Load of several tenants until it is stopped: each thing one after the other, with pauses, all of them at once. */
export class Load {
  private readonly stopping = new AbortController();
  private running: Promise<void>[] = [];
  /** What a tenant got of another. */
  readonly pried: string[] = [];
  /** How often one asked for what is another's. */
  pries = 0;

  constructor(private readonly tenants: readonly Tenant[]) {}

  /** Brings each tenant to a model that predicts, before anything fails. */
  async warmUp(): Promise<void> {
    const { signal } = this.stopping;
    for (const tenant of this.tenants) {
      await tenant.configure();
      await tenant.upload();
      await tenant.sendEvents(signal);
      await tenant.train(signal, false);
      while ((await tenant.predict()) === null) {
        if (tenant.ledger.promotions.size === 0) throw new Error(`${tenant.marker} has no model`);
        await sleep(200);
      }
    }
  }

  start(): void {
    const { signal } = this.stopping;
    this.running = this.tenants.flatMap((tenant) => [
      this.repeat(300, () => tenant.sendEvents(signal)),
      this.repeat(8_000, () => tenant.upload()),
      this.repeat(500, () => tenant.train(signal)),
      this.repeat(500, () => tenant.train(signal)),
      this.repeat(200, () => tenant.predict()),
      this.repeat(1_000, () => this.pry(tenant)),
    ]);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.running);
  }

  private async pry(tenant: Tenant): Promise<void> {
    for (const other of this.tenants)
      if (other !== tenant) {
        this.pries++;
        this.pried.push(...(await tenant.pry(other)));
      }
  }

  private async repeat(pauseMs: number, work: () => Promise<unknown>): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await work();
      await sleep(pauseMs);
    }
  }
}
