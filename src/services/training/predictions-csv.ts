import { Readable } from 'node:stream';
import { type HeldOutPrediction } from '../../learning/train-model';

const ROWS_PER_CHUNK = 4096;

/** The held-out predictions as CSV (RFC 4180): `part,id,label,probability`. */
export function predictionsCsv(predictions: readonly HeldOutPrediction[]): Readable {
  return Readable.from(chunks(predictions));
}

function* chunks(predictions: readonly HeldOutPrediction[]): Generator<Buffer> {
  yield Buffer.from('part,id,label,probability\n');
  for (let start = 0; start < predictions.length; start += ROWS_PER_CHUNK) {
    const rows = predictions.slice(start, start + ROWS_PER_CHUNK);
    yield Buffer.from(rows.map(line).join(''));
  }
}

function line({ part, id, label, probability }: HeldOutPrediction): string {
  return `${part},${quoted(id)},${label},${probability}\n`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
