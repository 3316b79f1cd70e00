import { Readable } from 'node:stream';
import { type HeldOutFeature } from '../../learning/evaluation/held-out-features';
import { type HeldOutPrediction } from '../../learning/train-model';

const ROWS_PER_CHUNK = 4096;

/**
 * The held-out predictions as CSV (RFC 4180): `part,id,label,probability,subject`, and the features that they can be
 * sliced by, each under its name.
 */
export function predictionsCsv(
  predictions: readonly HeldOutPrediction[],
  features: readonly HeldOutFeature[],
): Readable {
  return Readable.from(chunks(predictions, features));
}

function* chunks(
  predictions: readonly HeldOutPrediction[],
  features: readonly HeldOutFeature[],
): Generator<Buffer> {
  const names = features.map(({ name }) => `,${quoted(name)}`).join('');
  yield Buffer.from(`part,id,label,probability,subject${names}\n`);
  for (let start = 0; start < predictions.length; start += ROWS_PER_CHUNK) {
    const rows = predictions.slice(start, start + ROWS_PER_CHUNK);
    yield Buffer.from(rows.map((row, index) => line(row, features, start + index)).join(''));
  }
}

function line(
  { part, id, label, probability, subject }: HeldOutPrediction,
  features: readonly HeldOutFeature[],
  index: number,
): string {
  const values = features.map(({ values }) => `,${cell(values[index] ?? '')}`).join('');
  return `${part},${quoted(id)},${label},${probability},${subject ?? ''}${values}\n`;
}

function cell(value: number | string): string {
  if (typeof value === 'string') return quoted(value);
  return Number.isNaN(value) ? '' : String(value);
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
