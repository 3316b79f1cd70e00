import { randomUUID } from 'node:crypto';
import { type RunState } from '../../training/run-state';

/** In ascending order. */
export const LOG_LEVELS = ['DETAIL', 'INFO', 'WARNING', 'ERROR'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What is said, at which level. */
export interface Said {
  readonly level: LogLevel;
  /** For people of the job's tenant: no paths, no SQL, no hosts, nothing of other tenants, no values of rows. */
  readonly message: string;
}

/** A line that is to be written. */
export interface LogLine extends Said {
  /** Given once, so that a write whose answer was lost leaves it once. */
  readonly id: string;
  readonly at: Date;
  readonly phase: RunState;
}

const MAX_CHARACTERS = 1_000;

export function logLine(phase: RunState, { level, message }: Said): LogLine {
  return { id: randomUUID(), at: new Date(), phase, level, message: storable(message) };
}

/** What the database takes as text: no control characters, no halves of surrogate pairs, so long and no longer. */
function storable(message: string): string {
  const clean = message.replace(/\p{Cc}+/gu, ' ').replace(/\p{Cs}/gu, '\uFFFD');
  const characters = Array.from(clean.trim());
  if (characters.length === 0) return '–';
  if (characters.length <= MAX_CHARACTERS) return characters.join('');
  return `${characters.slice(0, MAX_CHARACTERS - 1).join('')}…`;
}
