import { type Quarantine, type QuarantinedRow } from './csv-inspection';

const MAX_SAMPLE = 100;
const MAX_TEXT = 200;

/** A row that is left out, without its text: that is in the file. */
export type RefusedRow = Pick<QuarantinedRow, 'line' | 'reason'>;

/** Collects what is left out: of all rows the line and why, of the first ones the text. */
export class QuarantineLog {
  private readonly rows: QuarantinedRow[] = [];
  private readonly lines: number[] = [];
  /** Indices into the reasons, which are few. */
  private readonly codes: number[] = [];
  private readonly reasons = new Map<string, number>();
  private unseen = 0;

  get count(): number {
    return this.lines.length + this.unseen;
  }

  /** Whether `add` would still keep the text, so that callers need not fetch it in vain. */
  get keeps(): boolean {
    return this.rows.length < MAX_SAMPLE;
  }

  add(line: number, reason: string, text: string): void {
    if (this.keeps) this.rows.push({ line, reason, text: shorten(text) });
    const code = this.reasons.get(reason) ?? this.reasons.size;
    this.reasons.set(reason, code);
    this.lines.push(line);
    this.codes.push(code);
  }

  /** Counts rows of which nothing else was fetched. */
  addUnseen(count: number): void {
    this.unseen += count;
  }

  /** Every row that was added, in the order of the file. */
  *refused(): Generator<RefusedRow> {
    const reasons = [...this.reasons.keys()];
    for (const [index, line] of this.lines.entries())
      yield { line, reason: reasons[this.codes[index] ?? 0] ?? '' };
  }

  /** One report of several stages' logs, by line. */
  static merge(logs: readonly QuarantineLog[]): Quarantine {
    return {
      count: logs.reduce((sum, log) => sum + log.count, 0),
      sample: logs
        .flatMap((log) => log.rows)
        .sort((a, b) => a.line - b.line)
        .slice(0, MAX_SAMPLE),
    };
  }
}

/** The first characters of a text, on one line. NUL, which databases cannot store, is made visible. */
export function shorten(text: string, length = MAX_TEXT): string {
  const line = text.replace(/[\r\n]+/g, '⏎').replaceAll('\0', '␀');
  // Half of a character outside the basic plane is none.
  return line.length > length ? `${line.slice(0, length).replace(/[\ud800-\udbff]$/, '')}…` : line;
}
