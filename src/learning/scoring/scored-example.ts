/** An example and what the model says of it. */
export interface ScoredExample {
  /** Its place among the examples that were scored, from 1. */
  readonly row: number;
  /** The id column's value, or the line of the row. */
  readonly id: string;
  /** Whose it is; null where the specification names no subject. */
  readonly subjectId: string | null;
  /** The moment of prediction; null where there is none. */
  readonly at: Date | null;
  /** Calibrated, in [0, 1]: a single-precision number. */
  readonly probability: number;
  /** A single-precision number. */
  readonly logit: number;
}

/** The first line of a file of scores. */
export const SCORES_HEADER = 'row,id,subject,at,probability,logit\n';

/** The columns of a file of scores, as DuckDB reads them. */
export const SCORE_COLUMNS =
  "{'row': 'BIGINT', 'id': 'VARCHAR', 'subject': 'VARCHAR', 'at': 'TIMESTAMP', 'probability': 'FLOAT', 'logit': 'FLOAT'}";

/** A line of a file of scores. Numbers are written so that reading them gives the same bits. */
export function scoreLine({ row, id, subjectId, at, probability, logit }: ScoredExample): string {
  return `${row},${cell(id)},${cell(subjectId ?? '')},${at?.toISOString() ?? ''},${number(probability)},${number(logit)}\n`;
}

/** `String` forgets the sign of zero. */
const number = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** RFC 4180: only what would be misread is quoted. */
function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
