import { z } from 'zod';
import { AppError } from '../../errors';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { hasEnded } from '../../services/training/run-state';
import { type TrainingRun } from '../../services/training/training-run.entity';
import { type TrainingService } from '../../services/training/training.service';
import { Bell } from './bell';

/** Announcements can be lost: without one, a followed run is read again after this long. */
const REREAD_MS = 5_000;

const notice = z.object({ runId: z.string() });

/** Lets clients follow runs. Every reading happens in the follower's own tenant. */
export class TrainingFeed {
  private readonly bells = new Map<string, Set<Bell>>();

  constructor(
    private readonly runs: Pick<TrainingService, 'get'>,
    private readonly rereadMs = REREAD_MS,
  ) {}

  /** Takes an announcement that a run has changed, as it came from the database. */
  announce(payload: unknown): void {
    const parsed = notice.safeParse(payload);
    if (!parsed.success) return;
    for (const bell of this.bells.get(parsed.data.runId) ?? []) bell.ring();
  }

  /** Makes every follower read again: announcements were missed. */
  resync(): void {
    for (const bell of this.everyBell()) bell.ring();
  }

  /**
   * The run as it is now, then whenever it has changed; the last one is in its final state.
   * @throws AppError NOT_FOUND
   */
  async follow(ctx: TenantContext, runId: string): Promise<AsyncIterableIterator<TrainingRun>> {
    const bell = new Bell();
    // Listening begins before the first reading, so that no change falls between them.
    this.join(runId, bell);
    try {
      const first = await this.runs.get(ctx, runId);
      return this.changes(ctx, first, bell);
    } catch (error) {
      this.leave(runId, bell);
      throw error;
    }
  }

  /** Ends every stream. */
  close(): void {
    for (const bell of this.everyBell()) bell.stop();
  }

  private changes(ctx: TenantContext, first: TrainingRun, bell: Bell): AsyncIterableIterator<TrainingRun> {
    const generator = this.generate(ctx, first, bell);
    const end = async (): Promise<IteratorResult<TrainingRun>> => {
      // A generator that waits for the bell would not hear of its end before the next ring.
      bell.stop();
      this.leave(first.id, bell);
      await generator.return(undefined);
      return { done: true, value: undefined };
    };
    return {
      next: () => generator.next(),
      return: end,
      throw: end,
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  private async *generate(ctx: TenantContext, first: TrainingRun, bell: Bell): AsyncGenerator<TrainingRun> {
    try {
      let shown = first;
      yield first;
      while (!hasEnded(shown.state)) {
        await bell.wait(this.rereadMs);
        if (bell.stopped) return;
        const run = await this.read(ctx, shown.id);
        if (!run || !differs(run, shown)) continue;
        shown = run;
        yield run;
      }
    } finally {
      this.leave(first.id, bell);
    }
  }

  /** Null when the database does not answer for the moment: the next reading may succeed. */
  private async read(ctx: TenantContext, id: string): Promise<TrainingRun | null> {
    try {
      return await this.runs.get(ctx, id);
    } catch (error) {
      if (error instanceof AppError && error.code === 'UNAVAILABLE') return null;
      throw error;
    }
  }

  private everyBell(): Bell[] {
    return [...this.bells.values()].flatMap((bells) => [...bells]);
  }

  private join(runId: string, bell: Bell): void {
    const bells = this.bells.get(runId) ?? new Set();
    this.bells.set(runId, bells.add(bell));
  }

  private leave(runId: string, bell: Bell): void {
    const bells = this.bells.get(runId);
    bells?.delete(bell);
    if (bells?.size === 0) this.bells.delete(runId);
  }
}

/** Whether a client would see a difference. A run that waits moves up in the queue without a change of its own. */
function differs(run: TrainingRun, shown: TrainingRun): boolean {
  const visible = ({ state, attempt, progress, epochs, device, cancelRequestedAt }: TrainingRun) =>
    JSON.stringify([state, attempt, progress, epochs.length, device, cancelRequestedAt]);
  return run.state === 'QUEUED' || visible(run) !== visible(shown);
}
