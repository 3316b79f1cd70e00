import { type FeatureSpec } from '../../features/feature-spec';
import { isMissingSql } from '../typed-rows';
import { type SeenCells } from './label-evidence';

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

/** How the cells of a column of the file are seen from moments of prediction; undefined where these are its rows. */
export function seenCells({ momentDates }: FeatureSpec, column: number): SeenCells | undefined {
  return momentDates === undefined ? undefined : { sql: datedCellsSql(column) };
}
