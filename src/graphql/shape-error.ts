import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { AppError, ERROR_STATUS, type ErrorCode } from '../errors';

/** What clients read instead of a defect's own words. */
const MASK =
  'Something went wrong on our side. Try again; if it happens again, report it with the request id.';

/** Outages name hosts and ports, which are ours alone. */
const OUTAGE = 'The platform cannot do this right now. Try again soon.';

/** Whether an error says something about the platform and not about the request: for the log, not for clients. */
export function isDefect(error: unknown): boolean {
  const cause = causeOf(error);
  if (cause instanceof AppError) return maskOf(cause.code) !== null;
  return !isAboutRequest(error);
}

/** What clients read instead of the message of an error with this code; null where they read the message itself. */
export function maskOf(code: ErrorCode): string | null {
  if (code === 'INTERNAL_SERVER_ERROR') return MASK;
  return code === 'UNAVAILABLE' ? OUTAGE : null;
}

/**
 * The only form in which errors leave the GraphQL API: a code of the closed table, the request id, and for
 * AppErrors the message and issues. Everything unexpected becomes INTERNAL_SERVER_ERROR with a fixed message.
 *
 * @param requestId null where no request is known; the HTTP header has it all the same
 * @param suggestions whether names of the schema that are like a misspelt one may be told
 */
export function shapeError(
  error: unknown,
  requestId: string | null,
  { suggestions = true }: { readonly suggestions?: boolean } = {},
): GraphQLFormattedError {
  const { locations, path } = error instanceof GraphQLError ? error.toJSON() : {};
  const place = { ...(locations && { locations }), ...(path && { path }) };
  const request = requestId === null ? {} : { requestId };
  const cause = causeOf(error);
  if (cause instanceof AppError) {
    const { code, issues, details } = cause;
    const message = maskOf(code) ?? cause.message;
    return {
      message,
      ...place,
      extensions: { code, ...(issues.length > 0 && { issues }), ...details, ...request },
    };
  }
  if (isDefect(error)) {
    return { message: MASK, ...place, extensions: { code: 'INTERNAL_SERVER_ERROR', ...request } };
  }
  const { message: words } = error as GraphQLError;
  const message = suggestions ? words : words.replace(/ ?Did you mean[^?]*\?/g, '');
  return { message, ...place, extensions: { code: 'BAD_USER_INPUT', ...request } };
}

/** An error that keeps an operation from being executed at all, with its HTTP status. */
export function asRequestError(error: unknown): GraphQLError {
  const cause = error instanceof Error ? error : new Error(String(error));
  const status = cause instanceof AppError ? ERROR_STATUS[cause.code] : 400;
  return new GraphQLError(cause.message, { originalError: cause, extensions: { http: { status } } });
}

/** What was thrown, out of the wrappings of graphql-js. */
function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? causeOf(error.originalError) : error;
}

/**
 * Errors of parsing, validation and variables come before execution and so have no path. During execution,
 * graphql-js itself only finds fault with the request where a variable leaves an argument without a value.
 */
function isAboutRequest(error: unknown): boolean {
  if (!(error instanceof GraphQLError) || !(causeOf(error) instanceof GraphQLError)) return false;
  return error.path === undefined || error.message.startsWith('Argument "');
}
