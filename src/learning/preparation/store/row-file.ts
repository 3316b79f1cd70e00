import { setImmediate } from 'node:timers/promises';
import { ByteFile, type ByteFileOptions } from './byte-file';
import { RowBuffer } from './row-buffer';

/** What lies between two ranges is read with them if it is no more than this: a call costs as much. */
const MAX_GAP_BYTES = 1 << 14;
const STAGING_BYTES = 1 << 20;
/** Reads from the file after which others get their turn. */
const READS_PER_TURN = 256;

/** Rows of a fixed width that are appended once, and read in ranges in any order; in memory as far as it goes. */
export class RowFile {
  private readonly file: ByteFile;
  private readonly rowBytes: number;
  private staging: Buffer | null = null;

  /** @param words 32-bit words of a row; even */
  constructor(
    readonly words: number,
    options: ByteFileOptions,
  ) {
    this.file = new ByteFile(options);
    this.rowBytes = words * 4;
  }

  get count(): number {
    return this.file.size / this.rowBytes;
  }

  /** Appends the first `count` rows of a buffer. */
  append(rows: RowBuffer, count: number): void {
    this.file.append(rows.bytes.subarray(0, count * this.rowBytes));
  }

  /** The rows with these numbers, in the order given. */
  async rows(numbers: Int32Array): Promise<RowBuffer> {
    return this.ranges(numbers, null);
  }

  /** As {@link rows}, while others wait. */
  rowsNow(numbers: Int32Array): RowBuffer {
    const into = new RowBuffer(this.words, numbers.length);
    const reading = this.reading({ firsts: numbers, lengths: null, into });
    while (!reading.next().done);
    return into;
  }

  /**
   * The rows of several ranges, one after the other. Ranges that follow each other closely, as those of a walk over
   * everything do, are read together.
   * @param lengths of each range; 1 each unless given
   */
  async ranges(firsts: Int32Array, lengths: Int32Array | null): Promise<RowBuffer> {
    const total = lengths ? lengths.reduce((sum, length) => sum + length, 0) : firsts.length;
    const into = new RowBuffer(this.words, total);
    let reads = 0;
    const reading = this.reading({ firsts, lengths, into });
    while (!reading.next().done) if (++reads % READS_PER_TURN === 0) await setImmediate();
    return into;
  }

  close(): void {
    this.file.close();
  }

  /** Reads range by range from memory, and run by run from the file, where it stops after each. */
  private *reading(ranges: Ranges): Generator<void> {
    const { words, rowBytes, file } = this;
    const { firsts, lengths, into } = ranges;
    let at = 0;
    for (let begin = 0; begin < firsts.length;) {
      const first = firsts[begin] ?? 0;
      const length = lengths ? (lengths[begin] ?? 0) : 1;
      if (file.isInFile(first * rowBytes, length * rowBytes)) {
        const run = this.runFrom(begin, ranges);
        at = this.readRun(run, ranges, at);
        begin = run.end;
        yield;
      } else {
        file.readWords(first * words, length * words, into.ints, at * words);
        at += length;
        begin += 1;
      }
    }
  }

  /** The ranges from one in the file on that are read in one go: those that ascend with small gaps. */
  private runFrom(begin: number, { firsts, lengths }: Ranges): Run {
    const { rowBytes } = this;
    const untilOf = (range: number) => (firsts[range] ?? 0) + (lengths ? (lengths[range] ?? 0) : 1);
    const first = firsts[begin] ?? 0;
    let until = untilOf(begin);
    let end = begin + 1;
    for (; end < firsts.length; end++) {
      const next = firsts[end] ?? 0;
      const nextUntil = Math.max(until, untilOf(end));
      const isFar = next < first || (next - until) * rowBytes > MAX_GAP_BYTES;
      if (isFar || (nextUntil - first) * rowBytes > STAGING_BYTES) break;
      until = nextUntil;
    }
    return { begin, end, first, until };
  }

  private readRun({ begin, end, first, until }: Run, ranges: Ranges, at: number): number {
    const { rowBytes, file } = this;
    const { firsts, lengths, into } = ranges;
    if (end === begin + 1) {
      file.read(first * rowBytes, (until - first) * rowBytes, into.bytes, at * rowBytes);
      return at + until - first;
    }
    const staging = (this.staging ??= Buffer.allocUnsafeSlow(STAGING_BYTES));
    file.read(first * rowBytes, (until - first) * rowBytes, staging);
    let next = at;
    for (let range = begin; range < end; range++) {
      const from = (firsts[range] ?? 0) - first;
      const length = lengths ? (lengths[range] ?? 0) : 1;
      staging.copy(into.bytes, next * rowBytes, from * rowBytes, (from + length) * rowBytes);
      next += length;
    }
    return next;
  }
}

interface Ranges {
  readonly firsts: Int32Array;
  readonly lengths: Int32Array | null;
  readonly into: RowBuffer;
}

/** Ranges `begin` to `end`, which lie in the rows from `first` to `until`. */
interface Run {
  readonly begin: number;
  readonly end: number;
  readonly first: number;
  readonly until: number;
}
