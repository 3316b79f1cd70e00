import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const QUOTE = 34;

/** Copies a file whose fields are separated by runs of blanks, each run one tab; lines stay lines. */
export async function copyCollapsed(from: string, to: string, signal?: AbortSignal): Promise<void> {
  const file = await open(to, 'wx', 0o600);
  try {
    const collapse = new BlankRuns();
    for await (const chunk of createReadStream(from) as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      await file.appendFile(collapse.next(chunk));
    }
  } finally {
    await file.close();
  }
}

/**
 * Makes each run of spaces and tabs between fields one tab, and drops those at both ends of a line. Blanks in quotes
 * stay; a quote ends with its line at the latest. It works on bytes, so that broken text comes through as it is.
 */
export class BlankRuns {
  private isInside = false;
  private isQuoted = false;
  private blanks = false;

  next(chunk: Uint8Array): Uint8Array {
    const output = new Uint8Array(chunk.length + 1);
    let length = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (byte === LF || byte === CR) {
        this.isInside = this.isQuoted = this.blanks = false;
        output[length++] = byte;
        continue;
      }
      if (!this.isQuoted && (byte === SPACE || byte === TAB)) {
        this.blanks = true;
        continue;
      }
      if (this.blanks && this.isInside) output[length++] = TAB;
      if (byte === QUOTE) this.isQuoted = !this.isQuoted && (this.blanks || !this.isInside);
      this.isInside = true;
      this.blanks = false;
      output[length++] = byte;
    }
    return output.subarray(0, length);
  }
}
