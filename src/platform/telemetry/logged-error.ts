/** An error as a log has it: where and of what sort, never the values that it is about. */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  /** Of this platform, of Node or of PostgreSQL. */
  readonly code?: string;
  /** Of a database: which constraint of which table. */
  readonly table?: string;
  readonly constraint?: string;
  /** Where it was thrown. */
  readonly stack?: string;
  readonly cause?: LoggedError;
}

const MAX_DEPTH = 4;
const NAMES = ['code', 'table', 'constraint'] as const;

/**
 * Libraries put into an error what they were given: a database the row and the statement's parameters, a parser the text. Only
 * what cannot be of a person is taken.
 */
export function loggedError(error: unknown, depth = 0): LoggedError | string {
  if (!(error instanceof Error)) return withoutValues(String(error));
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  const cause = 'originalError' in error ? error.originalError : error.cause;
  const within = cause instanceof Error && depth < MAX_DEPTH ? loggedError(cause, depth + 1) : null;
  return {
    type: error.constructor.name,
    message: withoutValues(error.message),
    ...Object.fromEntries(
      NAMES.flatMap((name) => {
        const value: unknown = Reflect.get(error, name);
        return typeof value === 'string' ? [[name, value]] : [];
      }),
    ),
    ...(frames.length > 0 && { stack: frames.join('\n') }),
    ...(within !== null && typeof within !== 'string' && { cause: within }),
  };
}

/** What is quoted in a message is what somebody gave. A quotation may hold quotation marks itself: it ends with the last. */
export function withoutValues(message: string): string {
  return message
    .replace(/"[\s\S]*"/g, '"…"')
    .replace(/(?<![\p{L}\p{N}])'[\s\S]*'(?![\p{L}\p{N}])/gu, "'…'")
    .replace(/[^\s"'<>()[\],;]+@[^\s"'<>()[\],;]+/g, '…');
}
