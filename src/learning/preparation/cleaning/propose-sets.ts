import { setTimeout as later } from 'node:timers/promises';
import { plainText } from '../../features/cell-text';
import { type MultiFeature, valuesOfSet } from '../../features/compound';
import { type DuckDbSession } from '../duckdb-session';
import { isMissingWord } from '../profile/sentinels';
import { shorten } from '../quarantine';
import { type CleaningStep, type ValueStep } from './cleaning-step';
import { mendCompound } from './mend-compound';
import {
  type CleaningProposal,
  MAX_KEPT,
  MIN_ROWS_FOR_RARE,
  proposal,
  quoted,
  RARE_CATEGORY,
  RARE_SHARE,
} from './propose';

/** Of more different values nobody decides. */
const MAX_VALUES = 200_000;
const MAX_SPELLINGS = 500;

/** The cells of one column. */
export interface Cells {
  readonly session: DuckDbSession;
  /** SQL for its rows of the table `texts`. */
  readonly texts: string;
}

interface Candidate {
  readonly step: ValueStep;
  readonly description: string;
  readonly example: string;
}

/**
 * What could be mended in the values of sets, whose cells are in `texts`. Rows are counted by reading each different cell
 * with a proposal and without.
 */
export async function proposeForSets(
  of: Cells,
  column: string,
  readers: readonly MultiFeature[],
): Promise<CleaningProposal[]> {
  const [first] = readers;
  if (!first) return [];
  const { counts, given } = await countValues(of, first);
  if (counts.size > MAX_VALUES) return [];
  const candidates = [
    ...spellings(column, counts),
    ...missing(column, counts),
    ...rare(column, counts, given),
  ];
  const changed = await countChanged(of, readers, candidates);
  return candidates.flatMap(({ step, description, example }, i) =>
    (changed[i] ?? 0) > 0 ? [proposal(step, { description, example, rowsAffected: changed[i] ?? 0 })] : [],
  );
}

/** How many rows have each value, and any. */
async function countValues(
  of: Cells,
  reader: MultiFeature,
): Promise<{ counts: Map<string, number>; given: number }> {
  const counts = new Map<string, number>();
  let given = 0;
  for await (const { text, n } of cells(of)) {
    const values = valuesOfSet(reader, text);
    if (values.length > 0) given += n;
    if (counts.size <= MAX_VALUES)
      for (const value of values) counts.set(value, (counts.get(value) ?? 0) + n);
  }
  return { counts, given };
}

async function countChanged(
  of: Cells,
  readers: readonly MultiFeature[],
  candidates: readonly Candidate[],
): Promise<number[]> {
  const changed = candidates.map(() => 0);
  if (candidates.length === 0) return changed;
  const mended = candidates.map(({ step }) =>
    readers.map((reader): MultiFeature => ({
      ...reader,
      ...(mendCompound(reader, step) as Partial<MultiFeature>),
    })),
  );
  for await (const { text, n } of cells(of)) {
    const before = readers.map((reader) => valuesOfSet(reader, text));
    mended.forEach((after, i) => {
      if (after.some((reader, k) => !isSame(valuesOfSet(reader, text), before[k] ?? [])))
        changed[i] = (changed[i] ?? 0) + n;
    });
  }
  return changed;
}

export const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);

async function* cells({ session, texts: from }: Cells): AsyncGenerator<{ text: string; n: number }> {
  for await (const chunk of session.stream(`SELECT text, n FROM ${from} WHERE text <> '' ORDER BY text`)) {
    const [texts, counts] = [chunk.getColumnVector(0), chunk.getColumnVector(1)];
    for (let row = 0; row < chunk.rowCount; row++)
      yield { text: String(texts.getItem(row)), n: Number(counts.getItem(row)) };
    // It may be made where requests are served.
    await later(0);
  }
}

function byFalling(counts: ReadonlyMap<string, number>): Array<[value: string, n: number]> {
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}

/** The most frequent one of those that differ in case or blanks stands for all. */
function spellings(column: string, counts: ReadonlyMap<string, number>): Candidate[] {
  const meant = new Map<string, string>();
  const pairs: Array<readonly [from: string, to: string]> = [];
  for (const [value] of byFalling(counts)) {
    const key = value.toLowerCase().replaceAll(/\s+/g, ' ');
    const best = meant.get(key);
    if (best === undefined) meant.set(key, value);
    else if (pairs.length < MAX_SPELLINGS) pairs.push([value, best]);
  }
  const [first] = pairs;
  if (!first) return [];
  return [
    {
      step: { kind: 'MERGE_SPELLINGS', column, spellings: pairs, ofSet: true },
      description: `Take ${pairs.length} ${pairs.length === 1 ? 'value' : 'values'} in the lists of ${column} that differ from another only in case or blanks for that other.`,
      example: `${quoted(first[0])} is ${quoted(first[1])}`,
    },
  ];
}

function missing(column: string, counts: ReadonlyMap<string, number>): Candidate[] {
  const byWord = new Map<string, string[]>();
  for (const [value] of byFalling(counts))
    if (isMissingWord(value)) byWord.set(plainText(value), [...(byWord.get(plainText(value)) ?? []), value]);
  return [...byWord].map(([word, values]) => ({
    step: { kind: 'TREAT_AS_MISSING', column, values: values.slice(0, 100), ofSet: true },
    description: `Leave ${quoted(word)} out of the lists of ${column}: it says that there is no value.`,
    example: values[0] ?? word,
  }));
}

function rare(column: string, counts: ReadonlyMap<string, number>, given: number): Candidate[] {
  if (given < MIN_ROWS_FOR_RARE) return [];
  const isRare = ([, n]: readonly [string, number]) => n < RARE_SHARE * given;
  const values = byFalling(counts);
  const [few, kept] = [values.filter(isRare), values.filter((each) => !isRare(each))];
  const [first] = few;
  if (!first || few.length < 2 || kept.length === 0 || kept.length > MAX_KEPT) return [];
  const step: CleaningStep & ValueStep = {
    ...{ kind: 'MERGE_RARE', column, other: RARE_CATEGORY, ofSet: true },
    keep: kept.map(([value]) => value).sort(),
  };
  return [
    {
      step,
      description: `Make one value, ${quoted(RARE_CATEGORY)}, of the ${few.length} values in the lists of ${column} that less than 1 % of the rows have; new values join it.`,
      example: shorten(first[0], 40),
    },
  ];
}
