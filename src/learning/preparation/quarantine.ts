import { type Quarantine, type QuarantinedRow } from './csv-inspection';

const MAX_SAMPLE = 100;
const MAX_TEXT = 200;

/** Collects what is left out: all of it counted, the first rows of each stage kept. */
export class QuarantineLog {
  private readonly rows: QuarantinedRow[] = [];
  private total = 0;

  get count(): number {
    return this.total;
  }

  /** Whether `add` would still keep the row, so that callers need not fetch texts in vain. */
  get keeps(): boolean {
    return this.rows.length < MAX_SAMPLE;
  }

  add(line: number, reason: string, text: string): void {
    if (this.keeps) this.rows.push({ line, reason, text: shorten(text) });
    this.total += 1;
  }

  /** Counts rows whose texts were not fetched. */
  addUnseen(count: number): void {
    this.total += count;
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

/** The first characters of a text, on one line. */
export function shorten(text: string, length = MAX_TEXT): string {
  const line = text.replace(/[\r\n]+/g, '⏎');
  return line.length > length ? `${line.slice(0, length)}…` : line;
}
