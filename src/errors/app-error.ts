import { type ErrorCode } from './codes';

/** One thing that is wrong with an input, addressed by its path. */
export interface Issue {
  /** Where: a field path such as `features.age`, a column, or `line 42`. */
  readonly path: string;
  /** What is wrong and what would be right. */
  readonly message: string;
}

/**
 * The only error that is meant to be read by a user.
 * Everything else that is thrown is a defect or an outage and reaches clients as `INTERNAL_SERVER_ERROR`.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  /** What a client can act on, such as a limit and what was asked for. */
  readonly details: Readonly<Record<string, number | string>>;

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly issues: readonly Issue[] = [],
    options: ErrorOptions & { readonly details?: AppError['details'] } = {},
  ) {
    super(message, options);
    this.details = options.details ?? {};
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
