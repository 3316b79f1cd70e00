import { createHash } from 'node:crypto';
import { canonicalCategory } from '../../features/category';
import { type DuckDbSession, literal } from '../duckdb-session';
import { columnsSql, doubleSql, rowByColumn, rowsByColumn } from '../profile/by-column';
import { type ColumnProfile } from '../profile/dataset-profile';
import { shorten } from '../quarantine';
import { type CleaningStep } from './cleaning-step';

/** Something that could be mended. Plain JSON. */
export interface CleaningProposal {
  /** Of what it does: the same proposal has the same id whenever it is made. */
  readonly id: string;
  readonly step: CleaningStep;
  readonly description: string;
  /** Rows of the file that it would change, or leave out, or read that cannot be read. */
  readonly rowsAffected: number;
  /** One value or line that it is about. */
  readonly example: string | null;
}

/** What is beyond the fences in more rows than this is a tail, and no outliers. */
const MAX_OUTLIER_SHARE = 0.05;
/** A number that so many rows have is what an absent one is likely to be. */
const COMMON_SHARE = 0.5;
export const RARE_SHARE = 0.01;
export const MIN_ROWS_FOR_RARE = 100;
export const MAX_KEPT = 200;
const MAX_SPELLINGS = 500;
/** Fewer missing cells are no category worth learning. */
const MIN_MISSING_SHARE = 0.01;
export const RARE_CATEGORY = '(rare)';
export const MISSING_CATEGORY = '(missing)';

export function proposal(
  step: CleaningStep,
  of: Pick<CleaningProposal, 'description' | 'rowsAffected' | 'example'>,
): CleaningProposal {
  const id = createHash('sha256').update(JSON.stringify(step)).digest('hex').slice(0, 16);
  return { id, step, ...of };
}

/** A column that was just profiled: its cells are in `texts`, its numbers in `vals`. */
export interface ColumnInView {
  readonly index: number;
  readonly profile: ColumnProfile;
}

/** What could be mended in the numbers of columns, by their position. */
export async function proposeForNumbers(
  session: DuckDbSession,
  columns: readonly ColumnInView[],
): Promise<Map<number, CleaningProposal[]>> {
  const clips = await clipped(session, columns);
  return new Map(columns.map(({ index, profile }) => [index, ofNumbers(profile, clips.get(index) ?? null)]));
}

/** Numbers beyond the fences that are no codes: how many rows have them, and the farthest. */
interface Clipped {
  readonly rows: number;
  readonly farthest: string;
}

async function clipped(
  session: DuckDbSession,
  columns: readonly ColumnInView[],
): Promise<Map<number, Clipped>> {
  const fences = columns.flatMap(({ index, profile }): [number, ...string[]][] => {
    const outliers = profile.numbers?.outliers;
    if (!outliers || outliers.count === 0) return [];
    const codes = `[${codesOf(profile).join(', ')}]::DOUBLE[]`;
    return [[index, doubleSql(outliers.low), doubleSql(outliers.high), codes]];
  });
  if (fences.length === 0) return new Map();
  const rows = await session.rows(
    `SELECT c, sum(n)::DOUBLE, arg_max(value, greatest(low - value, value - high))
     FROM vals JOIN ${columnsSql(fences, 'low, high, codes')} USING (c)
     WHERE (value < low OR value > high) AND NOT list_contains(codes, value) GROUP BY c`,
  );
  return new Map(
    Array.from(rowByColumn(rows), ([column, [count, farthest]]) => [
      column,
      { rows: Number(count), farthest: String(farthest) },
    ]),
  );
}

function codesOf({ sentinels }: ColumnProfile): number[] {
  return sentinels.map(({ value }) => Number(value)).filter((code) => Number.isFinite(code));
}

function ofNumbers(column: ColumnProfile, clip: Clipped | null): CleaningProposal[] {
  const { name, numbers, missingCount, frequentValues } = column;
  if (!numbers) return [];
  const proposals = column.sentinels.map(({ value, count, reason }) =>
    proposal(
      { kind: 'TREAT_AS_MISSING', column: name, values: [value] },
      {
        description: `Treat ${quoted(value)} in ${name} as missing: ${reason}.`,
        rowsAffected: count,
        example: value,
      },
    ),
  );
  const { outliers } = numbers;
  if (outliers && clip && clip.rows <= MAX_OUTLIER_SHARE * numbers.count) {
    const { low, high } = outliers;
    proposals.push(
      proposal(
        { kind: 'CLIP', column: name, low, high },
        {
          description: `Move the numbers of ${name} that are beyond ${low} or ${high} to these bounds, 1.5 interquartile ranges from the quartiles.`,
          rowsAffected: clip.rows,
          example: clip.farthest,
        },
      ),
    );
  }
  const [common] = frequentValues;
  if (
    common &&
    missingCount > 0 &&
    common.count >= COMMON_SHARE * numbers.count &&
    !codesOf(column).includes(Number(common.value))
  )
    proposals.push(
      proposal(
        { kind: 'FILL_MISSING', column: name, value: common.value.trim() },
        {
          description: `Read what is missing in ${name} as ${common.value.trim()}, which ${common.count} rows have; otherwise it is imputed by the median of the training part, and marked as missing.`,
          rowsAffected: missingCount,
          example: null,
        },
      ),
    );
  return proposals;
}

/** What could be mended in the categories of columns, by their position. */
export async function proposeForCategories(
  session: DuckDbSession,
  columns: readonly ColumnInView[],
): Promise<Map<number, CleaningProposal[]>> {
  if (columns.length === 0) return new Map();
  const ofSpellings = await spellings(session, columns);
  const ofWords = await missingWords(session, columns);
  const ofRare = await rare(session, columns);
  return new Map(
    columns.map(({ index, profile }) => [
      index,
      [
        ...(ofSpellings.get(index) ?? []),
        ...(ofWords.get(index) ?? []),
        ...(ofRare.get(index) ?? []),
        ...fillMissing(profile),
      ],
    ]),
  );
}

function fillMissing({ name, emptyCount, givenCount, missingCount }: ColumnProfile): CleaningProposal[] {
  if (emptyCount === 0 || emptyCount < MIN_MISSING_SHARE * (givenCount + missingCount)) return [];
  return [
    proposal(
      { kind: 'FILL_MISSING', column: name, value: MISSING_CATEGORY },
      {
        description: `Make what is missing in ${name} a category of its own, ${quoted(MISSING_CATEGORY)}; otherwise it counts as unknown.`,
        rowsAffected: emptyCount,
        example: null,
      },
    ),
  ];
}

type Proposals = Map<number, CleaningProposal[]>;

const among = (columns: readonly ColumnInView[]): string =>
  `c IN (${columns.map(({ index }) => index).join(', ')})`;

async function spellings(session: DuckDbSession, columns: readonly ColumnInView[]): Promise<Proposals> {
  const rows = rowsByColumn(
    await session.rows(
      `SELECT c, text, trim(best) AS meant, n FROM (
         SELECT c, text, n, first_value(text) OVER (PARTITION BY c, key ORDER BY n DESC, text) AS best
         FROM (SELECT c, text, n, lower(trim(regexp_replace(text, '\\s+', ' ', 'g'))) AS key
           FROM texts WHERE given AND ${among(columns)}))
       WHERE text <> trim(best)
       QUALIFY row_number() OVER (PARTITION BY c ORDER BY n DESC, text) <= ${MAX_SPELLINGS}
       ORDER BY c, n DESC, text`,
    ),
  );
  const found: Proposals = new Map();
  for (const { index, profile } of columns) {
    const pairs = (rows.get(index) ?? [])
      .map(([from, to, n]) => ({
        from: canonicalCategory(String(from)),
        to: canonicalCategory(String(to)),
        n: Number(n),
      }))
      .filter(({ from, to }) => from !== to && to !== '');
    const [first] = pairs;
    if (!first) continue;
    found.set(index, [
      proposal(
        {
          kind: 'MERGE_SPELLINGS',
          column: profile.name,
          spellings: pairs.map(({ from, to }) => [from, to] as const),
        },
        {
          description: `Take ${pairs.length} ${pairs.length === 1 ? 'value' : 'values'} of ${profile.name} that differ from another only in case or blanks for that other.`,
          rowsAffected: pairs.reduce((sum, { n }) => sum + n, 0),
          example: `${quoted(first.from)} is ${quoted(first.to)}`,
        },
      ),
    ]);
  }
  return found;
}

/** One proposal for each word or code, in all its spellings. */
async function missingWords(session: DuckDbSession, columns: readonly ColumnInView[]): Promise<Proposals> {
  const suspects = columns.flatMap(({ index, profile }) => {
    const values = [...profile.markers, ...profile.sentinels].map(({ value }) => value.trim().toLowerCase());
    return [...new Set(values)]
      .filter((word) => word !== '')
      .map((word): [number, string] => [index, literal(word)]);
  });
  if (suspects.length === 0) return new Map();
  const rows = await session.rows(
    `SELECT c, word, to_json(list_sort(list(text)))::VARCHAR, sum(n)::DOUBLE AS rows
     FROM texts JOIN ${columnsSql(suspects, 'word')} USING (c)
     WHERE lower(trim(text)) = word GROUP BY c, word ORDER BY c, rows DESC, word`,
  );
  const names = new Map(columns.map(({ index, profile }) => [index, profile.name]));
  return new Map(
    Array.from(rowsByColumn(rows), ([index, words]) => [
      index,
      words.map(([word, texts, count]) => ofWord(names.get(index) ?? '', { word, texts, count })),
    ]),
  );
}

function ofWord(
  column: string,
  { word, texts, count }: { word: unknown; texts: unknown; count: unknown },
): CleaningProposal {
  const values = (JSON.parse(String(texts)) as string[]).map(canonicalCategory).slice(0, 100);
  return proposal(
    { kind: 'TREAT_AS_MISSING', column, values },
    {
      description: `Treat ${quoted(String(word))} in ${column} as missing, instead of as a category.`,
      rowsAffected: Number(count),
      example: values[0] ?? null,
    },
  );
}

async function rare(session: DuckDbSession, columns: readonly ColumnInView[]): Promise<Proposals> {
  const judged = columns.filter(({ profile }) => profile.givenCount >= MIN_ROWS_FOR_RARE);
  if (judged.length === 0) return new Map();
  const limits = judged.map(({ index, profile }): [number, string] => [
    index,
    doubleSql(RARE_SHARE * profile.givenCount),
  ]);
  const told = `texts JOIN ${columnsSql(limits, 'least')} USING (c) WHERE given`;
  const counts = rowByColumn(
    await session.rows(
      `SELECT c, count(*) FILTER (n < least)::DOUBLE, coalesce(sum(n) FILTER (n < least), 0)::DOUBLE,
         count(*) FILTER (n >= least)::DOUBLE, min(text) FILTER (n < least) FROM ${told} GROUP BY c`,
    ),
  );
  const merged = judged.filter(({ index }) => {
    const [categories = 0, , kept = 0] = (counts.get(index) ?? []).slice(0, 3).map(Number);
    return categories >= 2 && kept > 0 && kept <= MAX_KEPT;
  });
  if (merged.length === 0) return new Map();
  const keep = rowsByColumn(
    await session.rows(`SELECT c, text FROM ${told} AND n >= least AND ${among(merged)} ORDER BY c, text`),
  );
  return new Map(
    merged.map(({ index, profile: { name: column } }) => {
      const [categories, rowsAffected, , example] = counts.get(index) ?? [];
      const kept = (keep.get(index) ?? []).map(([text]) => canonicalCategory(String(text)));
      const made = proposal(
        { kind: 'MERGE_RARE', column, keep: [...new Set(kept)], other: RARE_CATEGORY },
        {
          description: `Make one category, ${quoted(RARE_CATEGORY)}, of the ${Number(categories)} values of ${column} that less than 1 % of the rows have; new values join it.`,
          rowsAffected: Number(rowsAffected),
          example: shorten(String(example), 40),
        },
      );
      return [index, [made]];
    }),
  );
}

export const quoted = (value: string): string => JSON.stringify(shorten(value, 40));
