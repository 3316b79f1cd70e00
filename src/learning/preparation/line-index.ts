/**
 * From record number to line number. Records mostly follow line by line, so only the exceptions are kept:
 * blank lines, line breaks inside quotes and lines that were left out.
 */
export class LineIndex {
  private readonly records: number[] = [];
  private readonly lines: number[] = [];
  private count = 0;
  private expected = -1;

  /** Adds the next record, which starts on this 1-based line. */
  add(line: number): void {
    if (line !== this.expected) {
      this.records.push(this.count);
      this.lines.push(line);
    }
    this.count += 1;
    this.expected = line + 1;
  }

  /** The line on which the 0-based record starts. */
  lineOf(record: number): number {
    let low = 0;
    let high = this.records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.records[middle] ?? 0) <= record) low = middle + 1;
      else high = middle;
    }
    const at = low - 1;
    return (this.lines[at] ?? 1) + record - (this.records[at] ?? 0);
  }
}
