import { AppError } from '../../errors';
import { type UserError, type UserErrorClass } from './user-error';

/**
 * Runs a use case and turns the errors that its result union has members for into those members.
 *
 * Everything else, NOT_FOUND and FORBIDDEN included, stays an error of the operation.
 *
 * @param errors the union's error members; the first whose `codes` hold the error's code is returned
 */
export async function outcome<S, E extends UserError>(
  errors: readonly UserErrorClass<E>[],
  work: () => Promise<S>,
): Promise<S | E> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const member = errors.find((candidate) => candidate.codes.includes(error.code));
    if (!member) throw error;
    return new member(error);
  }
}
