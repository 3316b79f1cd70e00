import { FLOAT32_MAX, plainText } from '../../features/cell-text';
import { type CompoundFeature, tokensOf } from '../../features/compound';
import { parseMomentAs } from '../../features/time-formats';
import { cellSql, isWordSql } from '../compound-cells';
import { type DuckDbSession } from '../duckdb-session';
import { type ColumnProfile } from '../profile/dataset-profile';
import { isMissingWord } from '../profile/sentinels';
import { isMissingSql } from '../typed-rows';
import { type CleaningProposal, type ColumnInView, proposal, quoted } from './propose';
import { type Cells, proposeForSets } from './propose-sets';
import { timeSql } from './time-formats';

type Of<Type extends CompoundFeature['type']> = Extract<CompoundFeature, { type: Type }>;

/** What could be mended in a column that compound features read, whose cells are in `texts`. */
export async function proposeForCompound(
  session: DuckDbSession,
  { index, profile: column }: ColumnInView,
  readers: readonly CompoundFeature[],
): Promise<CleaningProposal[]> {
  const cells: Cells = { session, texts: `(SELECT * FROM texts WHERE c = ${index})` };
  const of = <Type extends CompoundFeature['type']>(type: Type): Of<Type>[] =>
    readers.filter((reader): reader is Of<Type> => reader.type === type);
  const [sets, [text], [vector], [timestamp]] = [of('multi'), of('text'), of('vector'), of('timestamp')];
  return [
    ...(await proposeForSets(cells, column.name, sets)),
    ...(text ? await proposeForTexts(cells, column) : []),
    ...(vector ? await proposeForVectors(cells, column, vector) : []),
    ...(timestamp ? await proposeForTimestamps(cells, column, timestamp) : []),
  ];
}

/** Words for "not known" among the frequent cells, each once in all its spellings. */
function wordsIn({ markers, sentinels, frequentValues }: ColumnProfile): string[] {
  const texts = [...markers, ...sentinels, ...frequentValues].map(({ value }) => plainText(value));
  return [...new Set(texts)].filter((word) => isMissingWord(word));
}

async function proposeForTexts(cells: Cells, column: ColumnProfile): Promise<CleaningProposal[]> {
  // What has no tokens is missing anyway.
  const words = wordsIn(column).filter((word) => tokensOf(word).length > 0);
  return asMissing(cells, column.name, words, (word) => ({
    where: isWordSql('text', [word]),
    description: `Treat texts of ${column.name} that say ${quoted(word)} as missing, instead of as words.`,
  }));
}

async function proposeForVectors(
  cells: Cells,
  column: ColumnProfile,
  { dimension }: Of<'vector'>,
): Promise<CleaningProposal[]> {
  const { name } = column;
  const { typed, checks, kept } = cellSql(
    { type: 'vector', dimension },
    { text: 'text', name: 'v', isMissing: isMissingSql('text') },
  );
  const vectors = `FROM (SELECT text, n, ${typed} AS v FROM ${cells.texts})`;
  const words = wordsIn(column).filter(
    (word) => !column.markers.some(({ value }) => plainText(value) === word),
  );
  // Of numbers, but too few or too many.
  const isOther = `coalesce(${checks[0]?.fails ?? 'false'}, false) AND len(list_filter(v, lambda x: abs(x) <= ${FLOAT32_MAX})) = len(v)`;
  const isZero = `len(list_filter(${kept}, lambda x: x <> 0)) = 0`;
  const [row = []] = await cells.session.rows(
    `SELECT coalesce(sum(n) FILTER (${kept} IS NOT NULL), 0)::DOUBLE, coalesce(sum(n) FILTER (${isZero}), 0)::DOUBLE,
       coalesce(sum(n) FILTER (${isOther} AND NOT ${isWordSql('text', words)}), 0)::DOUBLE,
       min(left(text, 40)) FILTER (${isOther} AND NOT ${isWordSql('text', words)}) ${vectors}`,
  );
  const [usable = 0, zeros = 0, others = 0] = row.slice(0, 3).map(Number);
  return [
    ...(await asMissing(cells, name, words, (word) => ({
      where: isWordSql('text', [word]),
      description: `Treat ${quoted(word)} in ${name} as a missing vector: as it is, the rows cannot be read.`,
    }))),
    // One number may well be zero.
    ...(zeros > 0 && zeros < usable && dimension > 1
      ? [
          proposal(
            { kind: 'TREAT_ZEROS_AS_MISSING', column: name },
            {
              description: `Treat vectors of ${name} that hold zeros alone as missing: it is what is written where there is none.`,
              rowsAffected: zeros,
              example: null,
            },
          ),
        ]
      : []),
    // Where most have another length, it is the specification that is wrong.
    ...(others > 0 && others < usable
      ? [
          proposal(
            { kind: 'TREAT_OTHER_LENGTHS_AS_MISSING', column: name },
            {
              description: `Treat vectors of ${name} that do not have ${dimension} numbers as missing: as they are, the rows cannot be read.`,
              rowsAffected: others,
              example: String(row[3]),
            },
          ),
        ]
      : []),
  ];
}

async function proposeForTimestamps(
  cells: Cells,
  column: ColumnProfile,
  { cleaning }: Of<'timestamp'>,
): Promise<CleaningProposal[]> {
  const formats = cleaning?.timeFormats ?? [];
  const { name, sentinels } = column;
  const byMoment = new Map<number, string>();
  const words: string[] = [];
  for (const { value } of sentinels) {
    const ms = parseMomentAs(value, formats);
    if (Number.isNaN(ms)) words.push(plainText(value));
    else if (!byMoment.has(ms)) byMoment.set(ms, value);
  }
  return [
    ...(await asMissing(cells, name, [...new Set(words)], (word) => ({
      where: isWordSql('text', [word]),
      description: `Treat ${quoted(word)} in ${name} as a missing moment: as it is, the rows cannot be read.`,
    }))),
    ...(await asMissing(cells, name, [...byMoment.values()], (text) => ({
      where: `${timeSql('text', formats)} = ${parseMomentAs(text, formats)}`,
      description: `Treat ${text} in ${name} as missing: a moment with which systems say that none is known.`,
    }))),
  ];
}

/** A proposal for each value that rows have. */
async function asMissing(
  { session, texts }: Cells,
  column: string,
  values: readonly string[],
  of: (value: string) => { readonly where: string; readonly description: string },
): Promise<CleaningProposal[]> {
  const proposals: CleaningProposal[] = [];
  for (const value of values) {
    const { where, description } = of(value);
    const [row = []] = await session.rows(
      `SELECT coalesce(sum(n), 0)::DOUBLE, min(text) FROM ${texts} WHERE ${where}`,
    );
    const rowsAffected = Number(row[0]);
    if (rowsAffected > 0)
      proposals.push(
        proposal(
          { kind: 'TREAT_AS_MISSING', column, values: [value] },
          { description, rowsAffected, example: String(row[1]) },
        ),
      );
  }
  return proposals;
}
