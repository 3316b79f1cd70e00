import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';

const LF = 10;

/** One line of a text file. */
export interface TextLine {
  /** 1-based. */
  readonly line: number;
  /** Its beginning, where it cannot be read. */
  readonly text: string;
  readonly problem: string | null;
  /** The file ends before a line break. */
  readonly isLast: boolean;
}

/**
 * The lines of a UTF-8 file, ended by LF or CRLF, one after the other. Memory is bounded by `maxBytes`: the rest of a
 * longer line is passed over.
 */
export async function* textLines(path: string, maxBytes: number): AsyncGenerator<TextLine> {
  let line = 1;
  let parts: Buffer[] = [];
  let kept = 0;
  let isLong = false;
  const finish = (isLast: boolean): TextLine => {
    const bytes = Buffer.concat(parts);
    const problem = isLong ? 'longer than 1 MiB' : isUtf8(bytes) ? null : 'is not UTF-8 text';
    const text = bytes.subarray(0, problem === null ? bytes.length : 800).toString('utf8');
    const found = { line, text, problem, isLast };
    line += 1;
    parts = [];
    kept = 0;
    isLong = false;
    return found;
  };
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length;) {
      const found = chunk.indexOf(LF, at);
      const end = found < 0 ? chunk.length : found;
      isLong ||= kept + end - at > maxBytes;
      if (!isLong) parts.push(chunk.subarray(at, end));
      else if (parts.length === 0) parts.push(chunk.subarray(at, Math.min(end, at + 800)));
      kept += end - at;
      if (found >= 0) yield finish(false);
      at = end + 1;
    }
  }
  if (kept > 0) yield finish(true);
}
