import { type Bounds, type ColumnLabel, type Condition } from '../features/label-spec';
import { literal } from './duckdb-session';

/** SQL: whether a number lies within all bounds. */
function boundsSql(number: string, { atLeast, above, atMost, below }: Bounds): string {
  const parts = [
    ...(atLeast === undefined ? [] : [`${number} >= ${atLeast}`]),
    ...(above === undefined ? [] : [`${number} > ${above}`]),
    ...(atMost === undefined ? [] : [`${number} <= ${atMost}`]),
    ...(below === undefined ? [] : [`${number} < ${below}`]),
  ];
  return `(${parts.join(' AND ')})`;
}

/** SQL: whether a text is one of some values. */
const oneOfSql = (text: string, values: readonly string[]): string =>
  `(${text} IN (${values.map(literal).join(', ')}))`;

/** SQL: whether a cell holds what is asked of it; NULL where it is missing. */
export function conditionSql(cell: string, { oneOf, ...bounds }: Condition): string {
  return oneOf ? oneOfSql(`trim(${cell})`, oneOf) : boundsSql(`TRY_CAST(${cell} AS DOUBLE)`, bounds);
}

/** SQL: whether the column `label` is positive. */
export function positiveLabelSql(label: ColumnLabel): string {
  return 'positive' in label
    ? oneOfSql('label', label.positive)
    : boundsSql('TRY_CAST(label AS DOUBLE)', label);
}
