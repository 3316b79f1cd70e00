import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** A record's place in the block. */
export interface RecordSpan {
  readonly start: number;
  readonly contentEnd: number;
  /** After its line break. */
  readonly end: number;
}

/**
 * A copy of a file without its refused lines, begun only when the first is met: a clean file costs nothing.
 * Offsets are those of the block that is being scanned; `advance` tells when the block moves on.
 */
export class CleanCopy {
  private blockOffset = 0;
  private startOffset = -1;
  private headerOffset = 0;
  private file: FileHandle | null = null;
  private pending: Buffer[] = [];
  private run: { start: number; end: number } | null = null;

  constructor(
    private readonly source: string,
    readonly path: string,
  ) {}

  get active(): boolean {
    return this.startOffset >= 0;
  }

  /** The file's first bytes up to here are not copied. */
  skipHead(bytes: number): void {
    this.headerOffset = bytes;
  }

  /** From this offset on, only what is added is copied. Later calls change nothing. */
  start(offset: number): void {
    if (!this.active) this.startOffset = this.blockOffset + offset;
  }

  /** Copies a record, with its own line break unless another is given. */
  add(block: Buffer, record: RecordSpan, lineBreak: string | null): void {
    if (!this.active) return;
    const end = lineBreak == null ? record.end : record.contentEnd;
    if (this.run?.end === record.start) this.run.end = end;
    else {
      this.endRun(block);
      this.run = { start: record.start, end };
    }
    if (lineBreak != null) {
      this.endRun(block);
      this.pending.push(Buffer.from(lineBreak));
    }
  }

  /** Writes what was added; to be called before the block's bytes change. */
  async flush(block: Buffer): Promise<void> {
    if (!this.active) return;
    this.endRun(block);
    const file = this.file ?? (await this.begin());
    if (this.pending.length > 0) await file.appendFile(Buffer.concat(this.pending));
    this.pending = [];
  }

  advance(bytes: number): void {
    this.blockOffset += bytes;
  }

  async close(): Promise<void> {
    await this.file?.close();
    this.file = null;
  }

  private endRun(block: Buffer): void {
    if (this.run) this.pending.push(block.subarray(this.run.start, this.run.end));
    this.run = null;
  }

  private async begin(): Promise<FileHandle> {
    const file = await open(this.path, 'w', 0o600);
    this.file = file;
    if (this.startOffset > this.headerOffset) {
      const range = { start: this.headerOffset, end: this.startOffset - 1 };
      for await (const chunk of createReadStream(this.source, range)) await file.appendFile(chunk as Buffer);
    }
    return file;
  }
}
