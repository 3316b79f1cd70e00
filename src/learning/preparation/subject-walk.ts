import { type EventLabel } from '../features/label-spec';

/** The shortest time that moments tell apart: a microsecond. */
const INSTANT_MS = 0.001;

/**
 * Walks over events sorted by subject and time, and knows for each which came strictly before it.
 *
 * Point-in-time correctness lives here: a history ends where the first event of the moment's own timestamp begins, so
 * nothing at or after the moment is in it. A derived label looks only at what lies strictly after a moment that is an
 * event, and at what lies at or after one that is a date.
 */
export class SubjectWalk {
  /** Per example: its moment, in milliseconds since 1970. */
  readonly at: Float64Array;
  readonly labels: Float32Array;
  /** Per example: whose it is, and the last moment that its label looks at. */
  readonly subjects: Int32Array;
  readonly labelUntil: Float64Array;
  /** Events kept so far: the number of the next. */
  eventCount = 0;
  /** Examples so far. */
  momentCount = 0;
  /** Moments left out because the data ends before their window does. */
  censored = 0;

  private subject = -1;
  private ms = NaN;
  private subjectStart = 0;
  private firstMoment = 0;
  /** The first event at the current subject's current timestamp. */
  private tieStart = 0;
  private firstContent = NaN;
  private contents: Set<number> | null = null;
  private labelTimes: number[] = [];
  /** The first of the label times that is not over yet. */
  private nextLabel = 0;
  /** Per session of the subject: its last event of the label's kind. */
  private readonly lastInSession = new Map<number, number>();
  /** Of the subject's moments, the session of each. */
  private sessions: number[] = [];

  constructor(
    private readonly options: {
      /** The most moments that will come. */
      readonly capacity: number;
      /** Histories keep so many events. */
      readonly maxLength: number;
      /** `null` where labels are given. */
      readonly label: EventLabel | null;
      /** Whether moments are dates, which are no events themselves. */
      readonly areDates: boolean;
      /** The last moment of which anything is known. */
      readonly dataEndMs: number;
    },
  ) {
    this.at = new Float64Array(options.capacity);
    this.labels = new Float32Array(options.capacity);
    this.subjects = new Int32Array(options.capacity);
    this.labelUntil = new Float64Array(options.capacity);
  }

  /** What the history of a moment at the current timestamp is: the event after its last, and how many it has. */
  get historyEnd(): number {
    return this.tieStart;
  }

  get historyLength(): number {
    return Math.min(this.tieStart - this.subjectStart, this.options.maxLength);
  }

  /**
   * Goes on to the next event.
   * @param content a hash of the whole row
   * @returns false for an exact copy of an earlier row, which is no event
   */
  enter(subject: number, ms: number, content: number): boolean {
    if (subject !== this.subject || ms !== this.ms) this.goTo(subject, ms, content);
    else {
      this.contents ??= new Set([this.firstContent]);
      if (this.contents.has(content)) return false;
      this.contents.add(content);
    }
    this.eventCount += 1;
    return true;
  }

  /** Goes on to a date, before whatever has its timestamp. */
  enterDate(subject: number, ms: number): void {
    if (subject !== this.subject || ms !== this.ms) this.goTo(subject, ms, NaN);
  }

  /**
   * The event entered last is of the label's kind.
   * @param session its number, where sessions count
   */
  addLabelEvent(session: number): void {
    this.labelTimes.push(this.ms);
    this.lastInSession.set(session, this.ms);
  }

  /**
   * What was entered last is a moment of prediction.
   * @param label where it is given; a derived one is found by `finishSubject`
   * @param session its number, and `sessionEndMs` its last event, where sessions count
   * @returns false when it is censored, and so no example
   */
  addMoment(label: number, session: number, sessionEndMs: number): boolean {
    const { label: derived, dataEndMs, areDates } = this.options;
    let until = this.ms;
    if (derived) {
      until = derived.windowMs === null ? sessionEndMs : this.ms + derived.windowMs;
      const knownFrom = derived.windowMs === null ? sessionEndMs + derived.sessionGapMs : until;
      if (knownFrom > dataEndMs) {
        this.censored += 1;
        return false;
      }
      // The window of a date ends before its last instant.
      if (areDates) until -= INSTANT_MS;
      this.sessions.push(session);
    }
    this.at[this.momentCount] = this.ms;
    this.labels[this.momentCount] = label;
    this.subjects[this.momentCount] = this.subject;
    this.labelUntil[this.momentCount] = until;
    this.momentCount += 1;
    return true;
  }

  /** Labels the subject's moments; to be called after the last event, too. */
  finishSubject(): void {
    const { label } = this.options;
    if (label) {
      for (let moment = this.firstMoment; moment < this.momentCount; moment++) {
        const isFollowed = label.windowMs === null ? this.isInSession(moment) : this.isInWindow(moment);
        this.labels[moment] = isFollowed === label.isAbsence ? 0 : 1;
      }
    }
    this.labelTimes = [];
    this.nextLabel = 0;
    this.lastInSession.clear();
    this.sessions = [];
  }

  /** Moments are asked for in order. */
  private isInWindow(moment: number): boolean {
    const ms = this.at[moment] ?? NaN;
    const isOver = (time: number) => (this.options.areDates ? time < ms : time <= ms);
    while (isOver(this.labelTimes[this.nextLabel] ?? Infinity)) this.nextLabel += 1;
    return (this.labelTimes[this.nextLabel] ?? Infinity) <= (this.labelUntil[moment] ?? NaN);
  }

  private isInSession(moment: number): boolean {
    const last = this.lastInSession.get(this.sessions[moment - this.firstMoment] ?? NaN);
    return last !== undefined && last > (this.at[moment] ?? NaN);
  }

  private goTo(subject: number, ms: number, content: number): void {
    if (subject !== this.subject) {
      this.finishSubject();
      this.subject = subject;
      this.subjectStart = this.eventCount;
      this.firstMoment = this.momentCount;
    }
    this.startTie(ms, content);
  }

  private startTie(ms: number, content: number): void {
    this.ms = ms;
    this.tieStart = this.eventCount;
    this.firstContent = content;
    this.contents = null;
  }
}
