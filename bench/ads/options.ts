import { type OptionValues, type Suite, UsageError } from '../suite';

export const options: Suite['options'] = {
  scale: { type: 'string' },
  rounds: { type: 'string' },
  seeds: { type: 'string' },
  data: { type: 'string' },
};

export const help: Suite['help'] = {
  scale: 'of the generated data that a model is trained on, 0.02 to 1: 1 unless given',
  rounds: 'impressions of each exploration: 10000 unless given',
  seeds: 'explorations: 40 unless given',
  data: 'folder of the Open Bandit sample (obd_bts_men.csv.gz and _women), if there is one',
};

export interface AdsOptions {
  readonly scale: number;
  readonly rounds: number;
  readonly seeds: number;
  readonly data: string | null;
}

/** @throws UsageError naming the option and what it may be. */
export function readOptions(values: OptionValues): AdsOptions {
  const { data } = values;
  return {
    scale: number(values, 'scale', { otherwise: 1, from: 0.02, to: 1 }),
    rounds: Math.round(number(values, 'rounds', { otherwise: 10_000, from: 100, to: 1e6 })),
    seeds: Math.round(number(values, 'seeds', { otherwise: 40, from: 2, to: 1000 })),
    data: typeof data === 'string' ? data : null,
  };
}

function number(
  values: OptionValues,
  name: string,
  { otherwise, from, to }: { otherwise: number; from: number; to: number },
): number {
  const text = values[name];
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (typeof text === 'string' && value >= from && value <= to) return value;
  throw new UsageError(`--${name} takes numbers from ${from} to ${to}, not ${String(text)}`);
}
