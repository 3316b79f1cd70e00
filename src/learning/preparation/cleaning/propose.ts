import { createHash } from 'node:crypto';
import { canonicalCategory } from '../../features/category';
import { type DuckDbSession, literal } from '../duckdb-session';
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
const RARE_SHARE = 0.01;
const MIN_ROWS_FOR_RARE = 100;
const MAX_KEPT = 200;
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

/** What could be mended in the numbers of a column, whose cells are in `texts` and whose numbers are in `vals`. */
export async function proposeForNumbers(
  session: DuckDbSession,
  column: ColumnProfile,
): Promise<CleaningProposal[]> {
  const { name, numbers, missingCount, frequentValues } = column;
  if (!numbers) return [];
  const codes = column.sentinels.map(({ value }) => Number(value)).filter((code) => Number.isFinite(code));
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
  if (outliers) {
    const { low, high } = outliers;
    const [row = []] = await session.rows(
      `SELECT coalesce(sum(n), 0)::DOUBLE, arg_max(value, greatest(${low} - value, value - ${high})) FROM vals
       WHERE (value < ${low} OR value > ${high}) AND NOT list_contains([${codes.join(', ')}]::DOUBLE[], value)`,
    );
    const rows = Number(row[0]);
    if (rows > 0 && rows <= MAX_OUTLIER_SHARE * numbers.count)
      proposals.push(
        proposal(
          { kind: 'CLIP', column: name, low, high },
          {
            description: `Move the numbers of ${name} that are beyond ${low} or ${high} to these bounds, 1.5 interquartile ranges from the quartiles.`,
            rowsAffected: rows,
            example: String(row[1]),
          },
        ),
      );
  }
  const [common] = frequentValues;
  if (
    common &&
    missingCount > 0 &&
    common.count >= COMMON_SHARE * numbers.count &&
    !codes.includes(Number(common.value))
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

/** What could be mended in a column's categories, whose cells are in `texts`. */
export async function proposeForCategories(
  session: DuckDbSession,
  column: ColumnProfile,
): Promise<CleaningProposal[]> {
  const { name, emptyCount, givenCount, missingCount } = column;
  return [
    ...(await spellings(session, name)),
    ...(await missingWords(session, column)),
    ...(await rare(session, name)),
    ...(emptyCount >= MIN_MISSING_SHARE * (givenCount + missingCount) && emptyCount > 0
      ? [
          proposal(
            { kind: 'FILL_MISSING', column: name, value: MISSING_CATEGORY },
            {
              description: `Make what is missing in ${name} a category of its own, ${quoted(MISSING_CATEGORY)}; otherwise it counts as unknown.`,
              rowsAffected: emptyCount,
              example: null,
            },
          ),
        ]
      : []),
  ];
}

async function spellings(session: DuckDbSession, column: string): Promise<CleaningProposal[]> {
  const rows = await session.rows(
    `SELECT text, trim(best) AS meant, n FROM (
       SELECT text, n, first_value(text) OVER (PARTITION BY key ORDER BY n DESC, text) AS best
       FROM (SELECT text, n, lower(trim(regexp_replace(text, '\\s+', ' ', 'g'))) AS key FROM texts WHERE given))
     WHERE text <> trim(best) ORDER BY n DESC, text LIMIT ${MAX_SPELLINGS}`,
  );
  const pairs = rows
    .map(([from, to, n]) => ({
      from: canonicalCategory(String(from)),
      to: canonicalCategory(String(to)),
      n: Number(n),
    }))
    .filter(({ from, to }) => from !== to && to !== '');
  const [first] = pairs;
  if (!first) return [];
  return [
    proposal(
      { kind: 'MERGE_SPELLINGS', column, spellings: pairs.map(({ from, to }) => [from, to] as const) },
      {
        description: `Take ${pairs.length} ${pairs.length === 1 ? 'value' : 'values'} of ${column} that differ from another only in case or blanks for that other.`,
        rowsAffected: pairs.reduce((sum, { n }) => sum + n, 0),
        example: `${quoted(first.from)} is ${quoted(first.to)}`,
      },
    ),
  ];
}

/** One proposal for each word or code, in all its spellings. */
async function missingWords(session: DuckDbSession, column: ColumnProfile): Promise<CleaningProposal[]> {
  const suspects = [...column.markers, ...column.sentinels].map(({ value }) => value.trim().toLowerCase());
  const words = [...new Set(suspects)].filter((word) => word !== '');
  if (words.length === 0) return [];
  const rows = await session.rows(
    `SELECT lower(trim(text)) AS word, to_json(list_sort(list(text)))::VARCHAR, sum(n)::DOUBLE AS rows FROM texts
     WHERE lower(trim(text)) IN (${words.map(literal).join(', ')}) GROUP BY word ORDER BY rows DESC, word`,
  );
  return rows.map(([word, texts, count]) => {
    const values = (JSON.parse(String(texts)) as string[]).map(canonicalCategory).slice(0, 100);
    return proposal(
      { kind: 'TREAT_AS_MISSING', column: column.name, values },
      {
        description: `Treat ${quoted(String(word))} in ${column.name} as missing, instead of as a category.`,
        rowsAffected: Number(count),
        example: values[0] ?? null,
      },
    );
  });
}

async function rare(session: DuckDbSession, column: string): Promise<CleaningProposal[]> {
  const [totals = []] = await session.rows('SELECT coalesce(sum(n), 0)::DOUBLE FROM texts WHERE given');
  const given = Number(totals[0]);
  if (given < MIN_ROWS_FOR_RARE) return [];
  const isRare = `n < ${RARE_SHARE * given}`;
  const [row = []] = await session.rows(
    `SELECT count(*) FILTER (${isRare})::DOUBLE, coalesce(sum(n) FILTER (${isRare}), 0)::DOUBLE,
       count(*) FILTER (NOT ${isRare})::DOUBLE, min(text) FILTER (${isRare}) FROM texts WHERE given`,
  );
  const [categories = 0, rowsAffected = 0, kept = 0] = row.slice(0, 3).map(Number);
  if (categories < 2 || kept === 0 || kept > MAX_KEPT) return [];
  const keep = await session.rows(`SELECT text FROM texts WHERE given AND NOT ${isRare} ORDER BY text`);
  return [
    proposal(
      {
        kind: 'MERGE_RARE',
        column,
        keep: [...new Set(keep.map(([text]) => canonicalCategory(String(text))))],
        other: RARE_CATEGORY,
      },
      {
        description: `Make one category, ${quoted(RARE_CATEGORY)}, of the ${categories} values of ${column} that less than 1 % of the rows have; new values join it.`,
        rowsAffected,
        example: shorten(String(row[3]), 40),
      },
    ),
  ];
}

const quoted = (value: string): string => JSON.stringify(shorten(value, 40));
