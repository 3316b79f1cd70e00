import { fieldsOf } from './csv-record';
import { type QuarantinedRow } from './csv-inspection';

export const QUARANTINE_HEADER = 'line,reason,text\n';
/** What spreadsheets take for the beginning of a formula. */
const FORMULA = /^'*[=+\-@\t\r]/;

/**
 * A quarantined row as one line of CSV. A cell that a spreadsheet would compute begins with an apostrophe, which makes
 * it a text there.
 */
export function quarantineRecord({ line, reason, text }: QuarantinedRow): string {
  return `${line},${cell(reason)},${cell(text)}\n`;
}

/** The row that a line of the file was written of. */
export function readQuarantineRecord(record: string): QuarantinedRow {
  const [line = '', reason = '', text = ''] = fieldsOf(record, ',');
  return { line: Number(line), reason: plain(reason), text: plain(text) };
}

function cell(text: string): string {
  return `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}

const plain = (text: string): string => (text.startsWith("'") && FORMULA.test(text) ? text.slice(1) : text);
