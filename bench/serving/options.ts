import { type OptionValues, UsageError } from '../suite';

export interface ServingOptions {
  /** Of each case, in each round. */
  readonly seconds: number;
  /** How often each case has its turn. */
  readonly rounds: number;
  readonly connections: number;
  /** Of the part with many models; 0 leaves it out. */
  readonly tenants: number;
}

export const options = {
  seconds: { type: 'string' },
  rounds: { type: 'string' },
  connections: { type: 'string' },
  tenants: { type: 'string' },
} as const;

export const help = {
  seconds: 'how long each case is measured in each of its turns: 5',
  rounds: 'how often each case has its turn: 3',
  connections: 'connections that ask at the same time: 50',
  tenants: 'tenants with a model each, in the second part: 500; 0 leaves it out',
};

/** @throws UsageError */
export function readOptions(values: OptionValues): ServingOptions {
  return {
    seconds: number(values, 'seconds', { fallback: 5, least: 0.1 }),
    rounds: whole(values, 'rounds', { fallback: 3, least: 1 }),
    connections: whole(values, 'connections', { fallback: 50, least: 1 }),
    tenants: whole(values, 'tenants', { fallback: 500, least: 0 }),
  };
}

interface Bound {
  readonly fallback: number;
  readonly least: number;
}

function number(values: OptionValues, name: string, { fallback, least }: Bound): number {
  const text = values[name];
  if (text === undefined) return fallback;
  const value = Number(text);
  if (Number.isFinite(value) && value >= least) return value;
  throw new UsageError(`--${name} takes a number from ${least} up, not ${String(text)}`);
}

function whole(values: OptionValues, name: string, bound: Bound): number {
  const value = number(values, name, bound);
  if (Number.isInteger(value)) return value;
  throw new UsageError(`--${name} takes a whole number, not ${value}`);
}
