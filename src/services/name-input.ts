import { z } from 'zod';
import { AppError } from '../errors';

const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u);

/**
 * A name as people write it, trimmed.
 *
 * @param path where the name stands in the input
 * @throws AppError BAD_USER_INPUT
 */
export function checkName(name: string, path: string): string {
  const checked = nameSchema.safeParse(name);
  if (checked.success) return checked.data;
  const message = '1 to 200 characters, without control characters';
  throw new AppError('BAD_USER_INPUT', `The ${path} must have ${message}.`, [{ path, message }]);
}
