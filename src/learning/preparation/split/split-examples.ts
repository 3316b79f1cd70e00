import { AppError } from '../../../errors';
import { durationMs } from '../../features/duration';
import { type FeatureSpec } from '../../features/feature-spec';
import { type SplitKind, splitKind, type SplitSpec } from '../../features/split-spec';
import {
  EMBARGOED,
  type Parts,
  partsByContent,
  partsByEntity,
  partsByTime,
  TEST,
  TRAIN,
  UNASSIGNED,
  VALIDATION,
} from './assign-parts';
import { type SplittableExamples } from './random-keys';

/** Row numbers of each part, ascending, and how many examples are in none. */
export interface Split {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
  readonly embargoed: number;
  readonly unassigned: number;
  /** What decided over what is random. */
  readonly seed: number;
}

type Splitting = Pick<FeatureSpec, 'shape' | 'timeColumn' | 'momentDates' | 'split'>;

/**
 * Divides examples as the spec says; 70 / 15 / 15 where it does not. By time, examples of one moment are together, and
 * one whose label looks into a later part, or comes nearer to it than the embargo allows, is left out.
 * @throws AppError INVALID_DATA when a part would be empty or training would see one class only.
 */
export async function splitExamples(
  examples: SplittableExamples,
  spec: Splitting,
  modelSeed: number,
): Promise<Split> {
  const split = spec.split ?? {};
  const seed = split.seed ?? modelSeed;
  const parts = await assign(examples, split, { kind: splitKind(spec), seed });
  if (!parts) throw tooFew(examples.count, spec);
  const rowsOf = (part: number) => {
    const rows = new Int32Array(parts.length);
    let count = 0;
    for (let row = 0; row < parts.length; row++) if (parts[row] === part) rows[count++] = row;
    return rows.slice(0, count);
  };
  const result = {
    train: rowsOf(TRAIN),
    validation: rowsOf(VALIDATION),
    test: rowsOf(TEST),
    embargoed: rowsOf(EMBARGOED).length,
    unassigned: rowsOf(UNASSIGNED).length,
    seed,
  };
  refuseUnusable(examples, spec, result);
  return result;
}

async function assign(
  examples: SplittableExamples,
  split: SplitSpec,
  { kind, seed }: { kind: SplitKind; seed: number },
): Promise<Parts> {
  const { at, entities } = examples;
  switch (kind) {
    case 'stratified':
      return partsByContent(examples, split, seed);
    case 'entity':
      return partsByEntity(required(entities), split, seed);
    case 'time':
      return withoutStraddling(examples, partsByTime(required(at), split), split);
    case 'entityAndTime': {
      const byTime = withoutStraddling(examples, partsByTime(required(at), split), split);
      const byEntity = partsByEntity(required(entities), split, seed);
      return (
        byTime &&
        byEntity &&
        byTime.map((part, row) => (part > TEST || part === byEntity[row] ? part : UNASSIGNED))
      );
    }
  }
}

/** Leaves out what reaches from an earlier part into a later one. */
function withoutStraddling(
  { at, labelUntil }: SplittableExamples,
  parts: Parts,
  { embargo }: SplitSpec,
): Parts {
  if (!parts || !at) return parts;
  const gap = embargo ? durationMs(embargo) : 0;
  const begins = [Infinity, Infinity, Infinity];
  parts.forEach((part, row) => {
    if (part <= TEST) begins[part] = Math.min(begins[part] ?? Infinity, at[row] ?? Infinity);
  });
  return parts.map((part, row) => {
    const next = part < TEST ? (begins[part + 1] ?? Infinity) : Infinity;
    return (labelUntil?.[row] ?? at[row] ?? NaN) + gap >= next ? EMBARGOED : part;
  });
}

function tooFew(count: number, spec: Splitting): AppError {
  const kind = splitKind(spec);
  const folds = spec.split?.folds;
  const wanted =
    folds == null ? 'training, validation and test' : `${folds} folds, with a validation part beside each`;
  return new AppError(
    'INVALID_DATA',
    `${count} examples have too few different ${DIVIDED_BY[kind]} for ${wanted}. ${ADVICE[kind]}`,
    [{ path: 'split', message: `would leave a part empty: there are too few different ${DIVIDED_BY[kind]}` }],
  );
}

function refuseUnusable(examples: SplittableExamples, spec: Splitting, split: Split): void {
  const { train, validation, test, embargoed, unassigned } = split;
  const kind = splitKind(spec);
  const empty = (['train', 'validation', 'test'] as const).find((part) => split[part].length === 0);
  if (empty) {
    const out = [
      ...(embargoed > 0 ? [`${embargoed} left out because their label looks too near to the next part`] : []),
      ...(unassigned > 0 ? [`${unassigned} left out as of no part`] : []),
    ];
    throw new AppError(
      'INVALID_DATA',
      `${examples.count} examples split into ${train.length} / ${validation.length} / ${test.length} for training, ` +
        `validation and test${out.map((part) => `, ${part}`).join('')}; none may be empty. ` +
        (embargoed > 0
          ? 'Give data of a longer time, or shorten the label window or the embargo.'
          : ADVICE[kind]),
      [{ path: 'split', message: `leaves the ${empty} part empty` }],
    );
  }
  const positives = train.reduce((sum, row) => sum + (examples.labels[row] ?? 0), 0);
  if (positives === 0 || positives === train.length)
    throw new AppError(
      'INVALID_DATA',
      `All ${train.length} training examples are ${positives === 0 ? 'negative' : 'positive'}: ` +
        'a model needs both classes. Give more data.',
    );
}

const DIVIDED_BY = {
  time: 'moments',
  entity: 'entities',
  entityAndTime: 'entities or moments',
  stratified: 'values',
} as const;

const ADVICE = {
  time: 'Give data with more different moments, or split in another way.',
  entity: 'Give data of more entities, or split in another way.',
  entityAndTime: 'Give data of more entities and moments, or split in another way.',
  stratified: 'Give more data.',
} as const;

function required<T>(values: T | null | undefined): T {
  if (values == null) throw new Error('the examples lack what they are to be split by');
  return values;
}
