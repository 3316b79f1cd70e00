import { type WriteStream } from 'node:tty';

/** One run, as a person wants to see it. */
export interface BoardRow {
  readonly label: string;
  readonly state: string;
  /** 0..1 */
  readonly fraction: number;
  /** What stands behind the bar: epoch, loss, time left. */
  readonly detail: string;
  /** Changes when something happened that is worth a line of its own where lines cannot be redrawn. */
  readonly milestone: string;
}

const BAR_WIDTH = 24;
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

/**
 * Draws one progress bar per run. On a terminal the block is redrawn in place; elsewhere (a pipe, a CI log)
 * each milestone is one line.
 */
export class ProgressBoard {
  private drawnLines = 0;
  private readonly milestones = new Map<string, string>();

  constructor(
    private readonly stream: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>,
  ) {}

  /** A line above the bars. */
  note(text: string): void {
    this.erase();
    this.stream.write(`${text}\n`);
  }

  draw(rows: readonly BoardRow[]): void {
    if (this.stream.isTTY) this.redraw(rows);
    else this.printMilestones(rows);
  }

  /** Leaves the bars as they stand and gives the cursor back. */
  end(): void {
    if (this.drawnLines > 0) this.stream.write(SHOW_CURSOR);
    this.drawnLines = 0;
  }

  private redraw(rows: readonly BoardRow[]): void {
    const width = this.stream.columns ?? 100;
    const labelWidth = Math.max(...rows.map((row) => row.label.length));
    const lines = rows.map((row) => {
      const filled = Math.round(Math.min(1, Math.max(0, row.fraction)) * BAR_WIDTH);
      const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
      return `${row.label.padEnd(labelWidth)}  ${row.state.padEnd(10)} ${bar} ${row.detail}`.slice(
        0,
        width - 1,
      );
    });
    this.erase();
    this.stream.write(`${HIDE_CURSOR}${lines.join('\n')}\n`);
    this.drawnLines = lines.length;
  }

  private printMilestones(rows: readonly BoardRow[]): void {
    for (const row of rows) {
      if (this.milestones.get(row.label) === row.milestone) continue;
      this.milestones.set(row.label, row.milestone);
      this.stream.write(`${row.label}  ${row.state}  ${row.detail}\n`);
    }
  }

  private erase(): void {
    if (this.drawnLines > 0) this.stream.write(`\u001b[${this.drawnLines}A\u001b[0J`);
    this.drawnLines = 0;
  }
}
