import { type OptionValues, type Suite, UsageError } from '../suite';

export const options: Suite['options'] = {
  data: { type: 'string' },
  only: { type: 'string' },
  folds: { type: 'string' },
};

export const help: Suite['help'] = {
  data: 'folder of the public data sets; nothing is measured without it',
  only: 'sets by name, comma-separated: all unless given',
  folds: 'instead of as many as each set has',
};

export interface QualityOptions {
  /** Null: nothing to measure. */
  readonly data: string | null;
  readonly only: readonly string[] | null;
  readonly folds: number | null;
}

/** @throws UsageError naming the option and what it may be. */
export function readOptions(values: OptionValues): QualityOptions {
  const text = (name: string): string | null => {
    const value = values[name];
    return typeof value === 'string' ? value : null;
  };
  const folds = text('folds');
  if (folds !== null && !/^([2-9]|[1-9]\d)$/.test(folds))
    throw new UsageError(`--folds takes a whole number from 2 to 99, not ${folds}`);
  const only = text('only')?.split(',') ?? null;
  if (only?.includes('')) throw new UsageError('--only has an empty item');
  return { data: text('data'), only, folds: folds === null ? null : Number(folds) };
}
