import { z } from 'zod';
import { durationSchema } from './duration';
import { momentDatesOf, type MomentsSpec } from './moments-spec';

export const SPLIT_KINDS = ['time', 'entity', 'entityAndTime', 'stratified'] as const;
/**
 * `time`: training before validation before test. `entity`: all examples of one entity in one part. `entityAndTime`:
 * both; an example of a test entity from the time of training is in no part. `stratified`: at random, each class alike,
 * identical examples together.
 */
export type SplitKind = (typeof SPLIT_KINDS)[number];

const share = z.number().gt(0).lt(1);

/** How the examples are divided; the same file, spec and seed give the same parts. */
export const splitSchema = z.strictObject({
  /** When absent: `time` where there is a time column, `entity` where moments are fewer than three dates, else `stratified`. */
  by: z.enum(SPLIT_KINDS).optional(),
  /** TABLE, `entity` and `entityAndTime`: the column that names the entity. EVENTS are split by their subject. */
  column: z.string().min(1).max(200).optional(),
  /** Of all examples; with `folds`, `validation` of those that are not for the test. Training takes the rest. */
  shares: z.strictObject({ validation: share.default(0.15), test: share.optional() }).optional(),
  /** k-fold: the examples of fold `fold` are the test. By time, each fold is tested on what came before it. */
  folds: z.int().min(2).max(100).optional(),
  /** 0 to folds − 1. */
  fold: z.int().min(0).optional(),
  /** By time with folds: train on everything before the test, or on the one fold before it. */
  window: z.enum(['expanding', 'rolling']).optional(),
  /** By time: least time from what an example's label looks at to the next part; examples that come nearer are left out. */
  embargo: durationSchema.optional(),
  /** Of what is random; the model's seed when absent. */
  seed: z.int().min(0).max(4_294_967_295).optional(),
});

export type SplitSpec = z.infer<typeof splitSchema>;

interface Splittable {
  readonly shape: 'TABLE' | 'EVENTS';
  readonly timeColumn?: string | undefined;
  readonly momentDates?: MomentsSpec['momentDates'];
  readonly split?: SplitSpec | undefined;
}

/** How a spec's examples are split, with the default resolved. */
export function splitKind({ split, timeColumn, momentDates }: Splittable): SplitKind {
  if (split?.by) return split.by;
  if (timeColumn == null) return 'stratified';
  // Fewer dates than parts cannot be split by time; one date holds each subject once.
  const dates = momentDatesOf({ momentDates });
  return dates && dates.length < 3 ? 'entity' : 'time';
}

/** What in a spec's `split` contradicts the rest of it, by path. */
export function splitProblems(spec: Splittable): Array<readonly [path: string, message: string]> {
  const { split, shape, timeColumn } = spec;
  if (!split) return [];
  const kind = splitKind(spec);
  const [byTime, byEntity] = [kind.endsWith('ime'), kind.startsWith('entity')];
  const checks: ReadonlyArray<readonly [boolean, string, string]> = [
    [byTime && timeColumn == null, 'by', 'a split by time needs the time column'],
    [
      byEntity && shape === 'TABLE' && split.column == null,
      'column',
      'name the column whose values are the entities',
    ],
    [
      split.column != null && (!byEntity || shape === 'EVENTS'),
      'column',
      shape === 'EVENTS'
        ? 'EVENTS are split by their subject; leave it out'
        : 'is for a split by entity; leave it out',
    ],
    [
      (split.folds == null) !== (split.fold == null),
      'fold',
      'folds says how many there are, fold which of them is the test: give both or neither',
    ],
    [(split.fold ?? 0) >= (split.folds ?? Infinity), 'fold', 'folds are numbered from 0 to folds − 1'],
    [
      split.shares?.test != null && split.folds != null,
      'shares.test',
      'with folds, the test is one fold; leave it out',
    ],
    [
      split.folds == null && (split.shares?.validation ?? 0) + (split.shares?.test ?? 0) >= 1,
      'shares',
      'validation and test leave nothing to train on',
    ],
    [
      split.window != null && (!byTime || split.folds == null),
      'window',
      'is for folds by time; leave it out',
    ],
    [split.embargo != null && !byTime, 'embargo', 'is for a split by time; leave it out'],
  ];
  return checks.flatMap(([fails, path, message]) => (fails ? [[`split.${path}`, message] as const] : []));
}
