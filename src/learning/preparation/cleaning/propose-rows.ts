import { TIME_FORMATS } from '../../features/time-formats';
import { type FeatureSpec } from '../../features/feature-spec';
import { EARLIEST_MOMENT_MS, LATEST_MOMENT_MS } from '../../features/moment';
import { type FileColumn } from '../column-plan';
import { type DuckDbSession } from '../duckdb-session';
import { type OpenedCsv } from '../open-csv';
import { type DatasetProfile } from '../profile/dataset-profile';
import { LEFT_OUT } from './clean-rows';
import { type CleaningProposal, proposal } from './propose';
import { formatSql, timeSql } from './time-formats';

/** What could be left out of the rows of a table `rows`. */
export async function proposeForRows(
  { session, scan, typed }: OpenedCsv,
  spec: FeatureSpec,
  {
    duplicates,
    receivedAt,
    isEntity,
  }: Pick<DatasetProfile, 'duplicates'> & {
    readonly receivedAt: Date | undefined;
    readonly isEntity: boolean;
  },
): Promise<CleaningProposal[]> {
  const proposals: CleaningProposal[] = [];
  // An entity's rows may be valid from a moment to come; exact copies count once.
  if (isEntity) return proposeLastOfId({ session, scan, typed });
  if (spec.timeColumn !== undefined && receivedAt) {
    const [row = []] = await session.rows(
      // Those of a later day are quarantined unless they are left out.
      `SELECT count(*) FILTER (ms > $1 AND ms < ${LATEST_MOMENT_MS} AND bad IS DISTINCT FROM ${LEFT_OUT})::DOUBLE,
         min(rowid) FILTER (ms > $1 AND ms < ${LATEST_MOMENT_MS} AND bad IS DISTINCT FROM ${LEFT_OUT})::DOUBLE,
         max(ms) FILTER (ms <= $1 AND bad IS NULL)
       FROM rows`,
      [receivedAt.getTime()],
    );
    const [count = 0, first = 0] = row.map(Number);
    // The data ends with its last event, and not when it was received: nothing is known of the time between.
    const until = new Date(typeof row[2] === 'number' ? Math.ceil(row[2]) : receivedAt).toISOString();
    if (count > 0)
      proposals.push(
        proposal(
          { kind: 'DROP_LATER_ROWS', until },
          {
            description: `Leave out rows whose moment is after ${receivedAt.toISOString()}, when the file was received.`,
            rowsAffected: count,
            example: `line ${scan.lines.lineOf(first)}`,
          },
        ),
      );
  }
  const [copied] = duplicates.examples;
  // Of events, and of rows that have an id, copies are left out anyway.
  if (copied && spec.shape === 'TABLE' && spec.idColumn === undefined)
    proposals.push(
      proposal(
        { kind: 'DROP_DUPLICATES' },
        {
          description: 'Leave out rows that are the same in every cell as an earlier one.',
          rowsAffected: duplicates.count,
          example: `line ${copied.line}`,
        },
      ),
    );
  return proposals;
}

/** Where an id has several rows that differ, none is used unless it is said which. */
async function proposeLastOfId({
  session,
  scan,
  typed: { conflict },
}: Pick<OpenedCsv, 'session' | 'scan' | 'typed'>): Promise<CleaningProposal[]> {
  if (conflict === null) return [];
  const [row = []] = await session.rows(
    `SELECT count(*)::DOUBLE, min(rowid)::DOUBLE FROM rows WHERE bad = ${conflict}`,
  );
  const [count = 0, first = 0] = row.map(Number);
  if (count === 0) return [];
  return [
    proposal(
      { kind: 'KEEP_LAST_OF_ID' },
      {
        description:
          'Keep the last row of each id whose rows differ; as it is, none of them is used. Do not where it holds what was known only later than what it is joined with.',
        rowsAffected: count,
        example: `line ${scan.lines.lineOf(first)}`,
      },
    ),
  ];
}

/**
 * How moments that are not ISO 8601 may be read, in a column whose cells are in `texts`.
 * @param known formats that the spec reads already
 */
export async function proposeForTime(
  session: DuckDbSession,
  { index, name: column }: FileColumn,
  known: readonly string[] = [],
): Promise<CleaningProposal[]> {
  const reads = (format: string) =>
    `coalesce(${formatSql('text', format)} BETWEEN ${EARLIEST_MOMENT_MS} AND ${LATEST_MOMENT_MS - 1}, false)`;
  const unread = `FROM texts WHERE c = ${index} AND given AND ${timeSql('text', known)} IS NULL`;
  const counts = TIME_FORMATS.map(
    (format) => `coalesce(sum(n) FILTER (${reads(format)}), 0)::DOUBLE, min(text) FILTER (${reads(format)})`,
  );
  const [row = []] = await session.rows(`SELECT ${counts.join(', ')} ${unread}`);
  const found = TIME_FORMATS.map((format, i) => ({
    format,
    rows: Number(row[2 * i]),
    example: String(row[2 * i + 1]),
  }))
    .filter(({ rows }) => rows > 0)
    .sort((a, b) => b.rows - a.rows);
  const chosen: typeof found = [];
  for (const candidate of found) {
    const others = chosen.filter(
      ({ format, rows }) => format !== twinOf(candidate.format) || rows > candidate.rows,
    );
    const [more] = await session.rows(
      `SELECT coalesce(sum(n), 0)::DOUBLE ${unread} AND ${[
        reads(candidate.format),
        ...others.map(({ format }) => `NOT ${reads(format)}`),
      ].join(' AND ')}`,
    );
    if (Number(more?.[0]) > 0) chosen.push(candidate);
  }
  return chosen.map(({ format, rows, example }) => {
    const isAmbiguous = chosen.some((other) => other.format === twinOf(format));
    return proposal(
      { kind: 'READ_TIME_FORMAT', column, format },
      {
        description:
          `Read moments of ${column} that are written as ${format}.` +
          (isAmbiguous ? ' Day and month may be the other way round: accept one of the two.' : ''),
        rowsAffected: rows,
        example,
      },
    );
  });
}

/** The same with day and month exchanged. */
export function twinOf(format: string): string {
  return format.startsWith('%d')
    ? format.replace('%d', '%?').replace('%m', '%d').replace('%?', '%m')
    : format.replace('%m', '%?').replace('%d', '%m').replace('%?', '%d');
}
