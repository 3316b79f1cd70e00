import { type OptionValues, type Suite, UsageError } from '../suite';

export const options: Suite['options'] = {
  data: { type: 'string' },
  seeds: { type: 'string' },
  scale: { type: 'string' },
  preset: { type: 'string' },
  counterfactual: { type: 'boolean' },
};

export const help: Suite['help'] = {
  data: 'folder of the public data sets, for REES46 beside the generated data',
  seeds: 'of the generated data, comma-separated: 1,2,3 unless given',
  scale: 'of the generated data: 1 unless given',
  preset: 'of the purchase model: default unless given, or tiny',
  counterfactual: 'also ranks by what the purchase model says after one more look at each item (slow)',
};

export interface RecommendationOptions {
  readonly data: string | null;
  readonly seeds: readonly number[];
  readonly scale: number;
  readonly preset: 'default' | 'tiny';
  readonly counterfactual: boolean;
}

/** @throws UsageError naming the option and what it may be. */
export function readOptions(values: OptionValues): RecommendationOptions {
  const text = (name: string, otherwise: string): string => {
    const value = values[name];
    return typeof value === 'string' ? value : otherwise;
  };
  const seeds = text('seeds', '1,2,3');
  if (!/^\d{1,6}(,\d{1,6})*$/.test(seeds))
    throw new UsageError(`--seeds takes whole numbers with commas, not ${seeds}`);
  const scale = Number(text('scale', '1'));
  if (!(scale > 0 && scale <= 10)) throw new UsageError('--scale takes a number above 0, at most 10');
  const preset = text('preset', 'default');
  if (preset !== 'default' && preset !== 'tiny') throw new UsageError('--preset is default or tiny');
  const data = values['data'];
  return {
    data: typeof data === 'string' ? data : null,
    seeds: seeds.split(',').map(Number),
    scale,
    preset,
    counterfactual: values['counterfactual'] === true,
  };
}
