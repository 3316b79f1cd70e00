/**
 * Walks over events sorted by subject and time, and knows for each which came strictly before it.
 *
 * Point-in-time correctness lives here: a history ends where the first event of the moment's own timestamp begins, so
 * nothing at or after the moment is in it; a derived label looks only at what lies strictly after it.
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

  constructor(
    private readonly options: {
      /** The most moments that will come. */
      readonly capacity: number;
      /** Histories keep so many events. */
      readonly maxLength: number;
      /** Of a derived label; `null` where labels are given. */
      readonly windowMs: number | null;
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
    if (subject !== this.subject) {
      this.finishSubject();
      this.subject = subject;
      this.subjectStart = this.eventCount;
      this.firstMoment = this.momentCount;
      this.startTie(ms, content);
    } else if (ms !== this.ms) this.startTie(ms, content);
    else {
      this.contents ??= new Set([this.firstContent]);
      if (this.contents.has(content)) return false;
      this.contents.add(content);
    }
    this.eventCount += 1;
    return true;
  }

  /** The event entered last is of the label's kind. */
  addLabelEvent(): void {
    this.labelTimes.push(this.ms);
  }

  /**
   * The event entered last is a moment of prediction.
   * @param label where it is given; a derived one is found by `finishSubject`
   * @returns false when it is censored, and so no example
   */
  addMoment(label: number): boolean {
    const { windowMs, dataEndMs } = this.options;
    if (windowMs != null && this.ms + windowMs > dataEndMs) {
      this.censored += 1;
      return false;
    }
    this.at[this.momentCount] = this.ms;
    this.labels[this.momentCount] = label;
    this.subjects[this.momentCount] = this.subject;
    this.labelUntil[this.momentCount] = this.ms + (windowMs ?? 0);
    this.momentCount += 1;
    return true;
  }

  /** Labels the subject's moments; to be called after the last event, too. */
  finishSubject(): void {
    const { windowMs } = this.options;
    if (windowMs != null) {
      let next = 0;
      for (let moment = this.firstMoment; moment < this.momentCount; moment++) {
        const ms = this.at[moment] ?? NaN;
        while ((this.labelTimes[next] ?? Infinity) <= ms) next += 1;
        this.labels[moment] = (this.labelTimes[next] ?? Infinity) <= ms + windowMs ? 1 : 0;
      }
    }
    this.labelTimes = [];
  }

  private startTie(ms: number, content: number): void {
    this.ms = ms;
    this.tieStart = this.eventCount;
    this.firstContent = content;
    this.contents = null;
  }
}
