import { type OptionValues, type Suite, UsageError } from '../suite';

export const FORMATS = ['csv', 'parquet'] as const;
export type Format = (typeof FORMATS)[number];

export const options: Suite['options'] = {
  events: { type: 'string' },
  format: { type: 'string' },
  pairs: { type: 'string' },
};

export const help: Suite['help'] = {
  events: 'how many are generated, comma-separated: 1000000,10000000 unless given',
  format: `of the file: ${FORMATS.join(' or ')}; csv unless given`,
  pairs: 'runs of each side, taken in turn: 1 unless given',
};

export interface DataOptions {
  readonly events: readonly number[];
  readonly format: Format;
  readonly pairs: number;
}

/** @throws UsageError naming the option and what it may be. */
export function readOptions({ events, format = 'csv', pairs = '1' }: OptionValues): DataOptions {
  const found = FORMATS.find((candidate) => candidate === format);
  if (!found) throw new UsageError(`--format takes ${FORMATS.join(' or ')}, not ${String(format)}`);
  const counts = typeof events === 'string' ? events.split(',') : ['1000000', '10000000'];
  return {
    events: counts.map((text) => positive('events', text)),
    format: found,
    pairs: positive('pairs', String(pairs)),
  };
}

function positive(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new UsageError(`--${name} takes whole numbers above 0, not ${text}`);
  return Number(text);
}
