import { type FeatureSpec } from '../../features/feature-spec';
import { type ColumnPlan } from '../column-plan';
import { isMissingSql, keySql } from '../typed-rows';
import { type SeenCells } from './label-evidence';
import { MARKED_CELLS } from './mark-rows';

/**
 * SQL for a column as dates see it: for each date and subject of `date_marks` the subject's latest given cell strictly
 * before the date, as features of dates read it. `cell`, `y`, `ms` (the date), `record`, `part`, `half` and `owner`. All
 * dates of a subject are in one half.
 */
export function datedCellsSql(column: number): string {
  const cell = `c${column}`;
  return `SELECT latest.cell AS cell, d.y AS y, d.ms AS ms, latest.record AS record, NULL::TINYINT AS part,
      hash(d.subject) % 2 = 0 AS half, d.subject AS owner
    FROM (SELECT * FROM date_marks WHERE y IS NOT NULL) d
    ASOF LEFT JOIN (SELECT rows.subject AS subject, rows.ms AS ms, arg_max(${cell}, rows.rowid) AS cell, max(rows.rowid) AS record
      FROM cells POSITIONAL JOIN rows
      WHERE bad IS NULL AND ${cell} IS NOT NULL AND NOT ${isMissingSql(cell)} GROUP BY rows.subject, rows.ms) latest
    ON d.subject = latest.subject AND d.ms > latest.ms`;
}

/** SQL for a column of an entity as rows see it: all rows of one of its ids are in one half. */
function joinedCellsSql(column: number, key: number): string {
  const id = keySql(`c${key}`);
  return `SELECT c${column} AS cell, y, part, hash(${id}) % 2 = 0 AS half, ${id} AS owner FROM ${MARKED_CELLS}`;
}

/** How the cells of a column are seen from moments of prediction; undefined where these are its own rows. */
export function seenCells(
  { momentDates }: FeatureSpec,
  { joined, keys }: Pick<ColumnPlan, 'joined' | 'keys'>,
  column: number,
): SeenCells | undefined {
  if (momentDates !== undefined) return { sql: datedCellsSql(column) };
  const key = keys[joined.findIndex((columns) => columns.some(({ index }) => index === column))];
  return key && { sql: joinedCellsSql(column, key.index) };
}
