import { AppError } from '../errors';
import { isUuid } from '../platform/persistence/keyset';

/**
 * An id as a client sent it, in its canonical form.
 *
 * @param path the argument's name, or its path inside the input
 * @throws AppError BAD_USER_INPUT naming the argument
 */
export function uuidArgument(value: string, path: string): string {
  const id = value.toLowerCase();
  if (isUuid(id)) return id;
  const message = 'must be a UUID such as 018f2b1c-6a3e-4d7b-9c55-0a1b2c3d4e5f';
  throw new AppError('BAD_USER_INPUT', `The argument "${path}" ${message}.`, [{ path, message }]);
}
