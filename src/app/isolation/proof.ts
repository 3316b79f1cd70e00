/** What an attempt brought to light. */
export interface Finding {
  /**
   * LEAK: something that only the owner can know was in an answer to the stranger. ORACLE: the owner's value was answered
   * otherwise than one that nobody has. ACCESS: a link or key of the owner's worked. CHANGE: the owner reads something else
   * than before.
   */
  readonly kind: 'LEAK' | 'ORACLE' | 'ACCESS' | 'CHANGE';
  /** What was asked, such as `query dataset`. */
  readonly operation: string;
  /** Where the owner's value stood, such as `input.datasetId`. */
  readonly place: string;
  readonly detail: string;
}

/** What was tried with one operation, or one way in. */
export interface Tried {
  readonly operation: string;
  /** Places that a value of the owner's was put into. */
  readonly places: number;
  readonly requests: number;
  /** Requests that were answered with data, and not with a refusal. */
  readonly answered: number;
  readonly findings: number;
}

export interface Proof {
  readonly url: string;
  readonly tried: readonly Tried[];
  readonly findings: readonly Finding[];
  /** What the owner was to be filled with and was not, each with the reason. */
  readonly notFilled: readonly string[];
  /** Types with ids of which the owner had nothing: nothing foreign could be named of them. */
  readonly withoutInstance: readonly string[];
  /** What the owner reads otherwise each time, so that no change of it can be told. */
  readonly restless: readonly string[];
  /** What stays behind. */
  readonly remains: readonly string[];
}

/** Collects while it is tried. */
export class Notebook {
  readonly tried: Tried[] = [];
  readonly findings: Finding[] = [];

  /** Writes down one operation's attempts. */
  async about(operation: string, attempt: (notes: Notes) => Promise<void>): Promise<void> {
    const notes = new Notes(operation);
    await attempt(notes);
    const findings = distinct(notes.findings);
    this.findings.push(...findings);
    this.tried.push({
      operation,
      places: notes.places.size,
      requests: notes.requests,
      answered: notes.answered,
      findings: findings.length,
    });
  }
}

export class Notes {
  readonly findings: Finding[] = [];
  readonly places = new Set<string>();
  requests = 0;
  answered = 0;

  constructor(readonly operation: string) {}

  find(kind: Finding['kind'], place: string, detail: string): void {
    this.findings.push({ kind, operation: this.operation, place, detail });
  }
}

/** The same at the same place is told once. */
function distinct(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ kind, place }) => {
    const key = `${kind} ${place}`;
    return !seen.has(key) && seen.add(key);
  });
}
