import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

const BLOCK_BYTES = 1 << 18;
const BLOCK_WORDS = BLOCK_BYTES / 4;
/** Fewer words are copied one by one: a call that copies them all costs as much as it does for so many. */
const FEW_WORDS = 256;

export interface ByteFileOptions {
  /** An existing folder for what does not fit into memory. */
  readonly folder: string;
  readonly memoryBytes: number;
}

/**
 * Bytes that are appended once and read in any order. The first of them stay in memory; the rest goes to a file, so
 * that memory is bounded however many there are, and few never touch the disk. The file has no name once it is open:
 * nothing is left of it, even if the process is killed.
 */
export class ByteFile {
  /** All that was appended. */
  size = 0;
  /** Full, but for the last. */
  private readonly blocks: Buffer[] = [];
  /** The same bytes. */
  private readonly blockWords: Int32Array[] = [];
  private readonly maxBlocks: number;
  /** What is in the file lies between the blocks before the last and the last. */
  private filed = 0;
  private readonly fileBegin: number;
  private file: number | null = null;

  constructor(private readonly options: ByteFileOptions) {
    this.maxBlocks = Math.max(1, Math.floor(options.memoryBytes / BLOCK_BYTES));
    this.fileBegin = (this.maxBlocks - 1) * BLOCK_BYTES;
  }

  /** @throws when the disk is full */
  append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const used = (this.size - this.filed) % BLOCK_BYTES;
      const block = used === 0 ? this.nextBlock() : this.blocks[this.blocks.length - 1];
      const part = bytes.subarray(at, at + BLOCK_BYTES - used);
      block?.set(part, used);
      at += part.length;
      this.size += part.length;
    }
  }

  /** Copies `length` bytes from an offset on to `into`, from `at` on. */
  read(offset: number, length: number, into: Buffer, at = 0): void {
    if (offset < 0 || offset + length > this.size)
      throw new RangeError(`bytes ${offset} to ${offset + length} of ${this.size}`);
    for (let done = 0; done < length;) done += this.readSome(offset + done, length - done, into, at + done);
  }

  /** As {@link read}, of 32-bit words that are in memory; {@link isInFile} tells. */
  readWords(first: number, count: number, into: Int32Array, at: number): void {
    if (first < 0 || (first + count) * 4 > this.size)
      throw new RangeError(`words ${first} to ${first + count} of ${this.size / 4}`);
    const inFile = this.filed > 0 && first * 4 >= this.fileBegin ? this.filed / 4 : 0;
    let from = first - inFile;
    for (let to = at; to < at + count;) {
      const block = this.blockWords[Math.floor(from / BLOCK_WORDS)];
      if (!block) throw new Error('read after close');
      const begin = from % BLOCK_WORDS;
      const length = Math.min(at + count - to, BLOCK_WORDS - begin);
      if (length > FEW_WORDS) into.set(block.subarray(begin, begin + length), to);
      else for (let word = 0; word < length; word++) into[to + word] = block[begin + word] ?? 0;
      from += length;
      to += length;
    }
  }

  /** Whether any of these bytes have to be read from the file. */
  isInFile(offset: number, length: number): boolean {
    return this.filed > 0 && offset < this.fileBegin + this.filed && offset + length > this.fileBegin;
  }

  close(): void {
    this.blocks.length = 0;
    this.blockWords.length = 0;
    if (this.file !== null) closeSync(this.file);
    this.file = null;
  }

  private readSome(offset: number, length: number, into: Buffer, at: number): number {
    const { fileBegin, filed } = this;
    if (this.file !== null && offset >= fileBegin && offset < fileBegin + filed) {
      const there = Math.min(length, fileBegin + filed - offset);
      const read = readSync(this.file, into, at, there, offset - fileBegin);
      if (read === 0) throw new Error('a file in the work folder became shorter');
      return read;
    }
    const inMemory = offset < fileBegin ? offset : offset - filed;
    const from = inMemory % BLOCK_BYTES;
    const block = this.blocks[Math.floor(inMemory / BLOCK_BYTES)];
    if (!block) throw new Error('read after close');
    return block.copy(into, at, from, Math.min(from + length, BLOCK_BYTES));
  }

  /** Room for the next bytes: when memory is used up, the last block goes to the file and is used again. */
  private nextBlock(): Buffer {
    const last = this.blocks[this.blocks.length - 1];
    if (last && this.blocks.length === this.maxBlocks) {
      this.file ??= this.open();
      for (let at = 0; at < BLOCK_BYTES;)
        at += writeSync(this.file, last, at, BLOCK_BYTES - at, this.filed + at);
      this.filed += BLOCK_BYTES;
      return last;
    }
    const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    this.blocks.push(block);
    this.blockWords.push(new Int32Array(block.buffer, block.byteOffset, BLOCK_WORDS));
    return block;
  }

  private open(): number {
    const name = path.join(this.options.folder, `rows-${process.pid}-${opened++}`);
    const file = openSync(name, 'wx+', 0o600);
    rmSync(name);
    return file;
  }
}

let opened = 0;
