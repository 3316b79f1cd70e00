import { type FastifyReply } from 'fastify';
import { AppError } from '../../errors';

/**
 * Answers TIMEOUT when there is no answer in time, the sending of the body included. (Fastify's own `handlerTimeout`
 * ends with the body: from then on it never fires.)
 *
 * @returns aborted when nobody waits any more: then, or when the client went away
 */
export function startDeadline(reply: FastifyReply, timeoutMs: number): AbortSignal {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    const error = new AppError(
      'TIMEOUT',
      `The request took longer than ${timeoutMs} ms: ask for less at once. What it changes may have been changed all the same, so look before you send it again.`,
      [],
      { details: { timeoutMs } },
    );
    controller.abort(error);
    if (!reply.sent) void reply.send(error);
  }, timeoutMs);
  reply.raw.once('close', () => {
    clearTimeout(timer);
    // Once it is answered, nobody asks any more.
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
