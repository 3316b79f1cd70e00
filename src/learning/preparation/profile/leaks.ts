import { timeSql } from '../cleaning/time-formats';
import { type OpenedCsv } from '../open-csv';
import { type ColumnProfile, type LeakWarning } from './dataset-profile';
import { rowOrderAuc } from './label-auc';
import { MARKED_CELLS } from './mark-rows';

/** From this distance of an AUC from 0.5 on, no honest feature alone explains it. */
export const LEAK_DISTANCE = 0.45;

/** Whether an AUC is so near to 0 or 1 that the label itself seems to be in what was ordered. */
export function isLeak(auc: number | null): auc is number {
  return auc !== null && Math.abs(auc - 0.5) > LEAK_DISTANCE;
}

/** What gives the label away. */
export async function findLeaks(csv: OpenedCsv, columns: readonly ColumnProfile[]): Promise<LeakWarning[]> {
  const order = await rowOrderAuc(csv.session);
  const ofOrder: LeakWarning[] = isLeak(order)
    ? [
        {
          kind: 'ROW_ORDER_FOLLOWS_LABEL',
          column: null,
          auc: order,
          count: await labelledCount(csv),
          message: `The rows are sorted by their label (AUC of the line ${shown(order)}): a split by line, or a number that was given by line, knows it.`,
        },
      ]
    : [];
  return [
    ...ofOrder,
    ...columns.flatMap((column) => columnLeaks(column)),
    ...(await laterMoments(csv, columns)),
  ];
}

function columnLeaks(column: ColumnProfile): LeakWarning[] {
  const { name, auc, presenceAuc } = column;
  const use = column.role === 'FEATURE' ? 'Leave it out of the features' : 'Do not make it a feature';
  const leaks: LeakWarning[] = [];
  if (isLeak(auc))
    leaks.push(
      isId(column)
        ? {
            kind: 'ID_ORDERS_LABEL',
            column: name,
            auc,
            count: column.givenCount,
            message: `The numbers of ${name} are all different and sorted by the label (AUC ${shown(auc)}): they were given when it was known. ${use}.`,
          }
        : {
            kind: 'FEATURE_ORDERS_LABEL',
            column: name,
            auc,
            count: column.givenCount,
            message: `${name} alone tells the label (AUC ${shown(auc)}). ${use} unless it is known at the moment of prediction.`,
          },
    );
  if (isLeak(presenceAuc))
    leaks.push({
      kind: 'PRESENCE_TELLS_LABEL',
      column: name,
      auc: presenceAuc,
      count: column.givenCount,
      message: `Whether ${name} is filled in tells the label (AUC ${shown(presenceAuc)}): it seems to be filled in afterwards. ${use}.`,
    });
  return leaks;
}

/** Whole numbers, and none twice. */
function isId({ distinctCount, givenCount, readsAs, numbers, frequentValues }: ColumnProfile): boolean {
  return (
    numbers !== null &&
    readsAs.numbers === givenCount &&
    distinctCount === givenCount &&
    frequentValues.every(({ value }) => /^\s*[-+]?\d+\s*$/.test(value))
  );
}

/** Columns of moments that are after the moment of prediction, of rows whose label is known. */
async function laterMoments(csv: OpenedCsv, columns: readonly ColumnProfile[]): Promise<LeakWarning[]> {
  const { session, scan, plan } = csv;
  const { time } = plan;
  if (!time) return [];
  const leaks: LeakWarning[] = [];
  for (const [index, { name, type }] of columns.entries()) {
    const formats = plan.compound.flatMap(({ index: at, cell }) =>
      at === index && cell.type === 'moment' ? cell.formats : [],
    );
    if ((type !== 'moment' && formats.length === 0) || index === time.index) continue;
    const [row = []] = await session.rows(
      `SELECT count(*) FILTER (stamp > ms)::DOUBLE, count(stamp)::DOUBLE, (min(record) FILTER (stamp > ms))::DOUBLE
       FROM (SELECT ms, cells.rowid AS record, ${timeSql(`c${index}`, formats)} AS stamp
         FROM ${MARKED_CELLS} WHERE y IS NOT NULL)`,
    );
    const [count = 0, given = 0, record = 0] = row.map(Number);
    if (count === 0) continue;
    const line = scan.lines.lineOf(record);
    leaks.push({
      kind: 'MOMENT_AFTER_PREDICTION',
      column: name,
      auc: null,
      count,
      message: `${name} is after ${time.name}, the moment of prediction, in ${count} of ${given} rows, first in line ${line}: it may not have been known then.`,
    });
  }
  return leaks;
}

async function labelledCount({ session }: OpenedCsv): Promise<number> {
  const [row] = await session.rows('SELECT count(y)::DOUBLE FROM marks');
  return Number(row?.[0]);
}

const shown = (auc: number): string => auc.toFixed(3);
