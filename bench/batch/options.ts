import { availableParallelism } from 'node:os';
import { type OptionValues, type Suite, UsageError } from '../suite';

export const options: Suite['options'] = {
  scale: { type: 'string' },
  runs: { type: 'string' },
  threads: { type: 'string' },
};

export const help: Suite['help'] = {
  scale: 'how much data is generated; 1, which is 36,000 visits of a shop, unless given',
  runs: 'of each of the two, in turn; 3 unless given',
  threads: 'inference threads of both; as many as there are processors unless given',
};

export interface BatchOptions {
  readonly scale: number;
  readonly runs: number;
  readonly threads: number;
}

/** @throws UsageError naming the option and what it may be. */
export function readOptions(values: OptionValues): BatchOptions {
  return {
    scale: above0(values, 'scale', 1),
    runs: Math.ceil(above0(values, 'runs', 3)),
    threads: Math.ceil(above0(values, 'threads', availableParallelism())),
  };
}

function above0(values: OptionValues, name: string, otherwise: number): number {
  const text = values[name];
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (typeof text === 'string' && value > 0 && value <= 10_000) return value;
  throw new UsageError(`--${name} takes numbers above 0, not ${String(text)}`);
}
