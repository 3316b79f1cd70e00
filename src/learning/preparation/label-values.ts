import { AppError } from '../../errors';
import { type FeatureSpec } from '../features/feature-spec';
import { type ColumnLabel, eventLabelOf } from '../features/label-spec';
import { type ColumnPlan } from './column-plan';
import { positiveLabelSql } from './condition-sql';
import { type DuckDbSession } from './duckdb-session';
import { shorten } from './quarantine';
import { readCsvSql } from './typed-rows';
import { type CsvScan } from './csv-scan';

/** Ways to write the negative class that may stand side by side. */
const NEGATIVES = new Set(['0', 'false', 'no', 'n', 'f']);
const MAX_LISTED = 20;

/** What the labels of the moments of prediction are. */
export interface LabelSummary {
  readonly moments: number;
  /** 0..1; `null` where the label is derived from later events. */
  readonly rate: number | null;
}

/** SQL for the label of a row as 0 or 1, where it is a column. */
export function positiveSql(label: FeatureSpec['label']): string {
  return 'column' in label ? positiveLabelSql(label) : 'false';
}

/**
 * Checks the labels in the table `rows`, whose moments are marked.
 * @throws AppError INVALID_DATA when there is no moment of prediction, when a label column does not hold exactly two
 *   classes, or when no event is of the label's kind; the message lists what was seen.
 */
export async function checkLabels(
  session: DuckDbSession,
  spec: FeatureSpec,
  source: { plan: ColumnPlan; scan: CsvScan },
): Promise<LabelSummary> {
  const [counts] = await session.rows(
    `SELECT count(*) FILTER (moment)::DOUBLE, count(*) FILTER (label_event)::DOUBLE,
       count(*) FILTER (moment AND ${positiveSql(spec.label)})::DOUBLE FROM rows WHERE bad IS NULL`,
  );
  const [rowMoments = 0, labelEvents = 0, positives = 0] = (counts ?? []).map(Number);
  const moments = spec.momentDates ? await dateMoments(session) : rowMoments;
  if (moments === 0) throw new AppError('INVALID_DATA', await noMoments(session, spec, source));
  const decides = eventLabelOf(spec.label);
  if (decides && labelEvents === 0)
    throw new AppError(
      'INVALID_DATA',
      `No event is of the label's kind ${decides.kind}${decides.where ? ` and as ${decides.where.column} is to be` : ''}. ` +
        `Kinds seen: ${await kindsSeen(session, source)}.`,
    );
  if (!('column' in spec.label)) return { moments, rate: null };
  if ('positive' in spec.label) await checkClasses(session, spec.label);
  else if (positives === 0 || positives === moments)
    throw new AppError(
      'INVALID_DATA',
      `Of ${moments} numbers in the label column ${spec.label.column}, ${positives === 0 ? 'none lies' : 'all lie'} ` +
        'within the bounds of the label: a model needs both classes.',
      [{ path: spec.label.column, message: 'gives one class only' }],
    );
  return { moments, rate: positives / moments };
}

async function dateMoments(session: DuckDbSession): Promise<number> {
  const [row] = await session.rows('SELECT count(*)::DOUBLE FROM date_moments');
  return Number(row?.[0]);
}

async function noMoments(
  session: DuckDbSession,
  { momentDates, momentEvent, momentKinds = [] }: FeatureSpec,
  source: { plan: ColumnPlan; scan: CsvScan },
): Promise<string> {
  if (momentDates) return 'No subject has an event before any of the dates in momentDates.';
  if (momentEvent) return `No ${momentEvent.of} has ${momentEvent.nth} events.`;
  const seen = await kindsSeen(session, source);
  return `No row is a moment of prediction (kind ${momentKinds.join(', ')}). Kinds seen: ${seen}.`;
}

async function checkClasses(
  session: DuckDbSession,
  label: Extract<ColumnLabel, { positive: string[] }>,
): Promise<void> {
  const rows = await session.rows(
    `SELECT label, count(*)::DOUBLE AS n FROM rows WHERE bad IS NULL AND moment
     GROUP BY label ORDER BY n DESC, label LIMIT ${MAX_LISTED + 1}`,
  );
  const values = rows.map(([value, count]) => ({ value: String(value), count: Number(count) }));
  const negatives = values.filter(({ value }) => !label.positive.includes(value));
  const hasPositive = negatives.length < values.length;
  const isOneNegative =
    negatives.length === 1 ||
    (negatives.length > 1 && negatives.every(({ value }) => NEGATIVES.has(value.toLowerCase())));
  if (hasPositive && isOneNegative) return;
  const seen = listed(values.map(({ value, count }) => `${shorten(value, 40)} (${count})`));
  const positive = label.positive.join(', ');
  const problem =
    values.length > 2
      ? `must hold two values, but holds ${values.length > MAX_LISTED ? `more than ${MAX_LISTED}` : values.length}: ${seen}`
      : `holds one class only: ${seen}`;
  throw new AppError(
    'INVALID_DATA',
    `The label column ${label.column} ${problem}. Positive is what is one of: ${positive}.`,
    [{ path: label.column, message: `holds ${seen}` }],
  );
}

/** Only for messages: read from the file again, because the table does not keep kinds. */
async function kindsSeen(
  session: DuckDbSession,
  { plan, scan }: { plan: ColumnPlan; scan: CsvScan },
): Promise<string> {
  if (!plan.kind) return 'none';
  const rows = await session.rows(
    `SELECT c${plan.kind.index} AS kind, count(*)::DOUBLE AS n FROM ${readCsvSql(scan.dialect)}
     WHERE kind IS NOT NULL GROUP BY kind ORDER BY n DESC, kind LIMIT ${MAX_LISTED + 1}`,
    [scan.readPath],
  );
  return listed(rows.map(([kind, count]) => `${shorten(String(kind), 40)} (${Number(count)})`)) || 'none';
}

function listed(items: readonly string[]): string {
  const rest = items.length > MAX_LISTED ? ', …' : '';
  return items.slice(0, MAX_LISTED).join(', ') + rest;
}
