import { setTimeout as sleep } from 'node:timers/promises';
import ecommerce from '../../domains/ecommerce-purchase';
import { type Random } from '../random';
import { type Caller } from './caller';
import { Ledger } from './ledger';
import * as operations from './operations';
import { type Watch } from './watch';

const SCALE = 0.02;
const BATCH = 20;
const SUBJECTS = 50;
/** Models here are for being served, and not for being good. */
const BASELINE_OVERRIDE = { reason: 'a trial of what happens when parts of the platform fail' };

/** One tenant and what it does: each method does one thing once and writes down what was acknowledged. */
export class Tenant {
  readonly ledger = new Ledger();
  private readonly servable: string[] = [];
  private made = 0;

  constructor(
    readonly caller: Caller,
    private readonly random: Random,
    private readonly watch: Watch,
  ) {}

  get marker(): string {
    return this.caller.marker;
  }

  async configure(): Promise<void> {
    const { caller } = this;
    const { KIND, CONFIGURE, RECORD_ALL } = operations;
    const answers = [
      await caller.field(CONFIGURE.query, { input: { kind: KIND, preset: 'TINY' } }, CONFIGURE.answer),
      await caller.field(RECORD_ALL.query, { input: { domain: KIND, share: 1 } }, RECORD_ALL.answer),
    ];
    if (answers.includes(null)) throw new Error(`${this.marker} could not be configured`);
  }

  /** Sends a batch until it is acknowledged, and now and then once more. */
  async sendEvents(signal: AbortSignal): Promise<void> {
    const { INGEST, KIND } = operations;
    const events = Array.from({ length: BATCH }, () => {
      const number = this.made++;
      const event = {
        id: `${this.marker}-e${number}`,
        subjectId: `${this.marker}-s${number % SUBJECTS}`,
        at: new Date(Date.now() - 60_000).toISOString(),
        kind: 'view',
        values: [{ name: 'category', text: this.marker }],
      };
      this.ledger.sentEvents.set(event.id, event.subjectId);
      return event;
    });
    let again = this.random.next() < 0.2 ? 2 : 1;
    while (again > 0 && !signal.aborted) {
      const answer = await this.caller.field(
        INGEST.query,
        { input: { domain: KIND, events } },
        INGEST.answer,
      );
      if (answer && answer.accepted + answer.duplicates === BATCH) {
        for (const { id } of events) this.ledger.events.add(id);
        again--;
      } else await sleep(200);
    }
  }

  async upload(): Promise<void> {
    const { CREATE_DATASET, UPLOADED, KIND } = operations;
    const name = `${this.marker} dataset ${this.made++}`;
    const created = await this.caller.field(
      CREATE_DATASET.query,
      { input: { kind: KIND, name } },
      CREATE_DATASET.answer,
    );
    if (!created) return;
    this.watch.owns(this.marker, created.dataset.id);
    const seed = Math.floor(this.random.next() * 1e6);
    // Subjects are the tenant's own.
    const lines = [...ecommerce.generate({ seed, scale: SCALE }).csv()];
    const body = lines.map((line) => line.replace(/\bu(\d{5})\b/g, `${this.marker}-$1`)).join('\n');
    const stored = await this.caller.put(created.uploadUrl, `${body}\n`, UPLOADED);
    if (stored) this.ledger.uploads.set(created.dataset.id, stored);
  }

  /** Asks for a training and follows it to its end; promotes what it brought forth, until that is acknowledged. Some are cancelled on the way. */
  async train(signal: AbortSignal, mayCancel = true): Promise<void> {
    const { START_TRAINING, CANCEL_TRAINING, RUN, KIND } = operations;
    const datasetId = this.any([...this.ledger.uploads.keys()]);
    if (datasetId === undefined) return;
    const started = await this.caller.field(
      START_TRAINING.query,
      { input: { kind: KIND, datasetId } },
      START_TRAINING.answer,
    );
    if (!started) return;
    const { id } = started.run;
    this.watch.owns(this.marker, id);
    this.ledger.runs.add(id);
    if (mayCancel && this.random.next() < 0.15) {
      await sleep(this.random.between(0, 3_000));
      await this.caller.field(CANCEL_TRAINING.query, { input: { runId: id } }, CANCEL_TRAINING.answer);
    }
    while (!signal.aborted) {
      const run = await this.caller.field(RUN.query, { id }, RUN.answer);
      const promoted = run?.modelVersion ? await this.promote(run.modelVersion.id) : true;
      if (promoted && run && operations.hasEnded(run.state)) return;
      await sleep(500);
    }
  }

  async promote(modelVersionId: string): Promise<boolean> {
    const { PROMOTE } = operations;
    const promoted = await this.caller.field(
      PROMOTE.query,
      { input: { modelVersionId, baselineOverride: BASELINE_OVERRIDE } },
      PROMOTE.answer,
    );
    if (!promoted) return false;
    this.watch.owns(this.marker, modelVersionId);
    this.ledger.promotions.add(modelVersionId);
    this.servable.push(modelVersionId);
    return true;
  }

  /** @returns the version that answered, or null */
  async predict(): Promise<string | null> {
    if (this.servable.length === 0) return null;
    const { PREDICT } = operations;
    const userId = `${this.marker}-s${Math.floor(this.random.next() * SUBJECTS)}`;
    const predicted = await this.caller.field(PREDICT.query, { input: { userId } }, PREDICT.answer);
    if (!predicted) return null;
    this.watch.owns(this.marker, predicted.id);
    this.ledger.predictions.set(predicted.id, predicted.probability);
    return predicted.modelVersion.id;
  }

  /** Asks for another's things by their ids. @returns what came, other than nothing */
  async pry(other: Tenant): Promise<string[]> {
    const { DATASET, RUN, PREDICTION } = operations;
    const found: string[] = [];
    const things: readonly (readonly [string, Iterable<string>])[] = [
      [DATASET.query, other.ledger.uploads.keys()],
      [RUN.query, other.ledger.runs.keys()],
      [PREDICTION.query, other.ledger.predictions.keys()],
    ];
    for (const [query, ids] of things) {
      const id = this.any([...ids]);
      if (id !== undefined && (await this.caller.field(query, { id }, operations.SOMETHING)) !== null)
        found.push(`${this.marker} got ${id} of ${other.marker}`);
    }
    const subjectId = this.any([...other.ledger.sentEvents.values()]) ?? '';
    const events = await this.caller.field(operations.EVENTS.query, { subjectId }, operations.EVENTS.answer);
    if (events && events.nodes.length > 0) found.push(`${this.marker} got events of ${other.marker}`);
    return found;
  }

  private any<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.random.next() * items.length)];
  }
}
