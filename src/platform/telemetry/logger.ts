import pino, { type Logger } from 'pino';
import { loggedError, withoutValues } from './logged-error';
import { currentSpan } from './tracing';

export type { Logger } from 'pino';

/** Fields that must never reach a log, whoever logs the object that holds them. */
const SECRETS = ['key', 'password', 'authorization', 'headers.authorization', 'headers["x-api-key"]'];

/**
 * Writes one JSON object per line to standard error, which leaves standard output to answers.
 * Errors are written without the values that they quote. Bind what a line belongs to with `logger.child({ tenantId, runId, requestId })`; the trace is bound by itself.
 */
export function createLogger(
  name: string,
  level: string,
  destination: pino.DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger {
  return pino(
    {
      name,
      level,
      redact: { paths: SECRETS, censor: '[redacted]' },
      serializers: {
        err: (error: unknown) => loggedError(error),
        error: (error: unknown) => (typeof error === 'string' ? withoutValues(error) : loggedError(error)),
      },
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: () => {
        const span = currentSpan();
        return span === null ? {} : { traceId: span.traceId };
      },
    },
    destination,
  );
}
