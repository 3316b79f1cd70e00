import { setTimeout as sleep } from 'node:timers/promises';
import { type HistoryPlace, type HistoryQuestion } from './subject-histories';

/** An event that was committed, and is acknowledged next. */
export interface CommittedEvent {
  readonly id: string;
  readonly subjectId: string;
  readonly at: Date;
}

export interface VisibilityProbeOptions {
  /** Whether an event is among the latest of its subject that a prediction would be told now. */
  readonly isSeen: (place: Place, id: string, question: HistoryQuestion) => Promise<boolean>;
  /** Told of each event that was looked for, how long it took until it was seen; 10,000 ms where it never was. */
  readonly onSeen: (ms: number) => void;
  /** Between two events that are looked for. */
  readonly everyMs?: number;
}

type Place = Pick<HistoryPlace, 'tenantId' | 'domain'>;

const GIVE_UP_MS = 10_000;
const PAUSE_MS = 20;

/**
 * Measures how long after its commit an event is in what predictions look up: looks up one that was just committed, as a
 * prediction would, until it is there. The look-up's own time counts, so that no event is seen later than is told.
 * One event at a time, and at most one a second.
 */
export class VisibilityProbe {
  private next = -Infinity;

  constructor(private readonly options: VisibilityProbeOptions) {}

  /** To be called as soon as the event is committed; returns at once. */
  committed(place: Place, event: CommittedEvent): void {
    const since = performance.now();
    if (since < this.next) return;
    this.next = Infinity;
    void this.look(place, event, since).finally(() => {
      this.next = since + (this.options.everyMs ?? 1_000);
    });
  }

  private async look(place: Place, { id, subjectId, at }: CommittedEvent, since: number): Promise<void> {
    const question = { subjectId, before: new Date(at.getTime() + 1) };
    for (;;) {
      // While nothing can be looked up, no prediction has it either.
      const isSeen = await this.options.isSeen(place, id, question).catch(() => false);
      const ms = performance.now() - since;
      if (isSeen || ms >= GIVE_UP_MS) {
        this.options.onSeen(isSeen ? ms : GIVE_UP_MS);
        return;
      }
      await sleep(PAUSE_MS, undefined, { ref: false });
    }
  }
}
