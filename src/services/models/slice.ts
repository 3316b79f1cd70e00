import { z } from 'zod';
import { AppError, type Issue } from '../../errors';
import { type FeatureSpec, isNumber } from '../../learning/features/feature-spec';
import { FIELDS, type HeldOutHeader } from './held-out-records';

/** Metrics of fewer examples say more about chance than about the model, and may say too much about a person. */
export const MIN_SLICE = 30;
export const MAX_CONDITIONS = 5;
export const MAX_VALUES = 100;

/** What the examples of a slice have in common: one of `values`, a range, and `missing`. */
export interface SliceCondition {
  readonly feature: string;
  /** Categories, of which the example has one. */
  readonly values?: readonly string[] | null | undefined;
  /** The number is at or above it. */
  readonly from?: number | null | undefined;
  /** The number is below it. */
  readonly below?: number | null | undefined;
  /** The value is missing. */
  readonly missing?: boolean | null | undefined;
}

const conditionSchema = z.strictObject({
  feature: z.string().min(1).max(200),
  values: z.array(z.string().max(1000)).min(1).max(MAX_VALUES).nullish(),
  from: z.number().nullish(),
  below: z.number().nullish(),
  missing: z.literal(true).nullish(),
});

/** Whether a record of the file is in the slice. */
export type InSlice = (fields: readonly string[]) => boolean;

/**
 * @param path where the conditions stand in the input
 * @throws AppError BAD_USER_INPUT with the path of each issue
 */
export function sliceOf(
  conditions: readonly SliceCondition[],
  { spec, header, path }: { spec: FeatureSpec; header: HeldOutHeader; path: string },
): InSlice {
  const issues: Issue[] = [];
  if (conditions.length > MAX_CONDITIONS)
    issues.push({ path, message: `at most ${MAX_CONDITIONS} conditions` });
  const tests = conditions.map((condition, index) => {
    const checked = check(condition, { spec, header });
    if ('test' in checked) return checked.test;
    issues.push({ path: [path, index, checked.key].join('.'), message: checked.message });
    return () => false;
  });
  if (issues.length > 0)
    throw new AppError(
      'BAD_USER_INPUT',
      `The slice is not valid: ${issues[0]?.path}: ${issues[0]?.message}.`,
      issues,
    );
  return (fields) => tests.every((test) => test(fields));
}

type Checked = { readonly test: InSlice } | { readonly key: string; readonly message: string };

function check(
  condition: SliceCondition,
  { spec, header }: { spec: FeatureSpec; header: HeldOutHeader },
): Checked {
  // An input object of GraphQL has another prototype, and undefined for what was left out.
  const parsed = conditionSchema.safeParse({ ...condition });
  if (!parsed.success) {
    const [first] = parsed.error.issues;
    return { key: String(first?.path[0] ?? 'feature'), message: first?.message ?? 'is not valid' };
  }
  const { feature: name, values, from, below, missing } = parsed.data;
  const column = header.features.indexOf(name);
  const feature = spec.features.find((candidate) => candidate.name === name);
  if (column < 0 || !feature) return { key: 'feature', message: unknown(name, header) };
  const at = FIELDS.firstFeature + column;
  const given = [values != null, from != null || below != null, missing != null].filter(Boolean).length;
  if (given !== 1) return { key: 'feature', message: 'give values, or from and below, or missing' };
  if (missing) return { test: (fields) => (fields[at] ?? '') === '' };
  if (values) {
    if (isNumber(feature)) return { key: 'values', message: `${name} is a number: give from, below or both` };
    const wanted = new Set(values);
    if (wanted.has('')) return { key: 'values', message: 'a missing value is asked for by missing: true' };
    return { test: (fields) => wanted.has(fields[at] ?? '') };
  }
  if (!isNumber(feature))
    return { key: from != null ? 'from' : 'below', message: `${name} is a category: give values` };
  const [low, high] = [from ?? -Infinity, below ?? Infinity];
  if (!(low < high)) return { key: 'below', message: 'must be greater than from' };
  return {
    test: (fields) => {
      const text = fields[at] ?? '';
      const number = Number(text);
      return text !== '' && number >= low && number < high;
    },
  };
}

function unknown(name: string, { features }: HeldOutHeader): string {
  if (features.length === 0)
    return 'no features were kept with the held-out predictions of this version: train again to slice';
  const some = features.slice(0, 10).join(', ');
  return `no feature ${name.slice(0, 80)} was kept with the held-out predictions; those kept are ${some}${features.length > 10 ? ' …' : ''}`;
}
