import { AppError } from '../../errors';

/** Most items that one page may hold. */
export const MAX_PAGE_SIZE = 100;

export interface PageRequest {
  /** How many items, 1 to 100. */
  readonly first: number;
  /** The `endCursor` of the page before; null or absent for the first page. */
  readonly after?: string | null | undefined;
}

/** A slice of a list, in the list's order. */
export interface Page<T> {
  readonly items: T[];
  /** Cursor of the last item; null when the page is empty. */
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a text is a UUID in its canonical, lower-case form. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/**
 * The cursor of the row with this id. It holds the id alone: the row's place in the order is looked up in the
 * database, where timestamps keep the microseconds that a JavaScript date would lose.
 */
export function encodeCursor(id: string): string {
  return Buffer.from(id).toString('base64url');
}

/**
 * The id inside a cursor.
 * @throws AppError BAD_USER_INPUT when the text is not one of our cursors
 */
export function decodeCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (!isUuid(id)) throw unknownCursor();
  return id;
}

/** What is thrown for a cursor that is malformed or points at nothing that the caller may see. */
export function unknownCursor(): AppError {
  return new AppError(
    'BAD_USER_INPUT',
    'the cursor in "after" is unknown: pass the endCursor of a page of this list',
    [{ path: 'after', message: 'must be the endCursor of a page of this list' }],
  );
}

/** @throws AppError BAD_USER_INPUT when `first` is not between 1 and 100 */
export function checkPageSize(first: number): void {
  if (Number.isInteger(first) && first >= 1 && first <= MAX_PAGE_SIZE) return;
  throw new AppError('BAD_USER_INPUT', `"first" must be an integer from 1 to ${MAX_PAGE_SIZE}`, [
    { path: 'first', message: `must be an integer from 1 to ${MAX_PAGE_SIZE}` },
  ]);
}

/** Makes a page of rows that were read with a limit of `first + 1`. */
export function toPage<T extends { readonly id: string }>(rows: T[], first: number): Page<T> {
  const items = rows.slice(0, first);
  const last = items.at(-1);
  return {
    items,
    endCursor: last ? encodeCursor(last.id) : null,
    hasNextPage: rows.length > first,
  };
}
