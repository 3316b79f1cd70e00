import { type FeatureSpec } from '../../features/feature-spec';
import { timeSql } from '../cleaning/time-formats';
import { type OpenedCsv } from '../open-csv';
import { rowByColumn } from './by-column';
import { type LeakWarning } from './dataset-profile';
import { rowOrderAuc } from './label-auc';
import { MARKED_CELLS } from './mark-rows';
import { type JudgedColumn } from './profile-columns';
import { datedCellsSql } from './seen-cells';

/** From this distance of an AUC from 0.5 on, no honest feature alone explains it. */
export const LEAK_DISTANCE = 0.45;
/** A query of thousands would need more memory for its plan than for the data. */
const COMPARED_AT_ONCE = 16;

/** Whether an AUC is so near to 0 or 1 that the label itself seems to be in what was ordered. */
export function isLeak(auc: number | null): auc is number {
  return auc !== null && Math.abs(auc - 0.5) > LEAK_DISTANCE;
}

/** What gives the label away. */
export async function findLeaks(
  csv: OpenedCsv,
  spec: FeatureSpec,
  columns: readonly JudgedColumn[],
): Promise<LeakWarning[]> {
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
    ...(await laterMoments(csv, spec, columns)),
  ];
}

function columnLeaks({ profile, auc, presenceAuc, judgedCount: count, isId }: JudgedColumn): LeakWarning[] {
  const { name } = profile;
  const use = profile.role === 'FEATURE' ? 'Leave it out of the features' : 'Do not make it a feature';
  const leaks: LeakWarning[] = [];
  if (isLeak(auc))
    leaks.push(
      isId
        ? {
            kind: 'ID_ORDERS_LABEL',
            column: name,
            auc,
            count,
            message: `The numbers of ${name} are all different and sorted by the label (AUC ${shown(auc)}): they were given when it was known. ${use}.`,
          }
        : {
            kind: 'FEATURE_ORDERS_LABEL',
            column: name,
            auc,
            count,
            message: `${name} alone tells the label (AUC ${shown(auc)}). ${use} unless it is known at the moment of prediction.`,
          },
    );
  if (isLeak(presenceAuc))
    leaks.push({
      kind: 'PRESENCE_TELLS_LABEL',
      column: name,
      auc: presenceAuc,
      count,
      message: `Whether ${name} is filled in tells the label (AUC ${shown(presenceAuc)}): it seems to be filled in afterwards. ${use}.`,
    });
  return leaks;
}

/** Columns of moments that are after the moment of prediction, of rows or dates whose label is known. */
async function laterMoments(
  csv: OpenedCsv,
  spec: FeatureSpec,
  columns: readonly JudgedColumn[],
): Promise<LeakWarning[]> {
  const { session, scan, plan } = csv;
  const { time } = plan;
  if (!time) return [];
  const [moment, unit] = spec.momentDates ? ['the date', 'dates'] : [time.name, 'rows'];
  const compared = columns.flatMap(({ profile: { name, type } }, index) => {
    const formats = plan.compound.flatMap(({ index: at, cell }) =>
      at === index && cell.type === 'moment' ? cell.formats : [],
    );
    const isMoment = type === 'moment' || formats.length > 0;
    return isMoment && index !== time.index ? [{ index, name, formats }] : [];
  });
  const leaks: LeakWarning[] = [];
  for (let from = 0; from < compared.length; from += COMPARED_AT_ONCE) {
    const some = compared.slice(from, from + COMPARED_AT_ONCE);
    const stamps = some.map(({ index, formats }) => {
      const cells = spec.momentDates
        ? datedCellsSql(index)
        : `SELECT c${index} AS cell, y, ms, cells.rowid AS record FROM ${MARKED_CELLS}`;
      return `SELECT ${index} AS c, ms, record, ${timeSql('cell', formats)} AS stamp FROM (${cells}) WHERE y IS NOT NULL`;
    });
    const counts = rowByColumn(
      await session.rows(
        `SELECT c, count(*) FILTER (stamp > ms)::DOUBLE, count(stamp)::DOUBLE, (min(record) FILTER (stamp > ms))::DOUBLE
         FROM (${stamps.join(' UNION ALL ')}) GROUP BY c`,
      ),
    );
    for (const { index, name } of some) {
      const [count = 0, given = 0, record = 0] = (counts.get(index) ?? []).map(Number);
      if (count === 0) continue;
      const line = scan.lines.lineOf(record);
      leaks.push({
        kind: 'MOMENT_AFTER_PREDICTION',
        column: name,
        auc: null,
        count,
        message: `${name} is after ${moment}, the moment of prediction, in ${count} of ${given} ${unit}, first in line ${line}: it may not have been known then.`,
      });
    }
  }
  return leaks;
}

async function labelledCount({ session }: OpenedCsv): Promise<number> {
  const [row] = await session.rows('SELECT count(y)::DOUBLE FROM marks');
  return Number(row?.[0]);
}

const shown = (auc: number): string => auc.toFixed(3);
