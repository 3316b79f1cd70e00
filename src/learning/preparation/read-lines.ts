import { createReadStream } from 'node:fs';

const LF = 10;
const CR = 13;
/** Enough of a line to be recognized. */
const MAX_BYTES = 800;

/**
 * The beginnings of some lines of a file.
 * @param lines 1-based, ascending
 * @param loneCarriageReturn whether CR alone ends lines
 */
export async function readLines(
  path: string,
  lines: readonly number[],
  loneCarriageReturn: boolean,
): Promise<string[]> {
  const lineBreak = loneCarriageReturn ? CR : LF;
  const texts: string[] = [];
  let line = 1;
  let parts: Buffer[] = [];
  const finish = () => {
    const text = Buffer.concat(parts).subarray(0, MAX_BYTES).toString('utf8').trimEnd();
    while (texts.length < lines.length && lines[texts.length] === line) texts.push(text);
    parts = [];
    line += 1;
  };
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length && texts.length < lines.length;) {
      const found = chunk.indexOf(lineBreak, at);
      const end = found < 0 ? chunk.length : found;
      if (lines[texts.length] === line && parts.length < MAX_BYTES)
        parts.push(chunk.subarray(at, Math.min(end, at + MAX_BYTES)));
      if (found >= 0) finish();
      at = end + 1;
    }
    if (texts.length === lines.length) return texts;
  }
  finish();
  return texts;
}
