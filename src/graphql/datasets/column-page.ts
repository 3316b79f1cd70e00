import {
  checkPageSize,
  encodeCursor,
  type Page,
  type PageRequest,
  unknownCursor,
} from '../../platform/persistence/keyset';

/** A column with its position, by which a page of columns goes on. */
export interface NumberedColumn<C> {
  readonly id: string;
  readonly column: C;
}

/**
 * One page of a file's columns, whose order never changes: the cursor is the position.
 * @throws AppError BAD_USER_INPUT for a page size out of bounds or an unknown cursor
 */
export function columnPage<C>(columns: readonly C[], { first, after }: PageRequest): Page<NumberedColumn<C>> {
  checkPageSize(first);
  const start = after == null ? 0 : positionOf(after, columns.length) + 1;
  const items = columns
    .slice(start, start + first)
    .map((column, index) => ({ id: String(start + index), column }));
  const last = items.at(-1);
  return {
    items,
    endCursor: last ? encodeCursor(last.id) : null,
    hasNextPage: start + first < columns.length,
  };
}

function positionOf(cursor: string, count: number): number {
  const text = Buffer.from(cursor, 'base64url').toString();
  const position = Number(text);
  if (/^\d{1,6}$/.test(text) && position < count) return position;
  throw unknownCursor();
}
