import { z } from 'zod';

/** One environment variable: how it is written in the table of the documentation, and how it is read. */
export interface Setting<T> {
  readonly env: string;
  /** What holds when the variable is absent or empty. */
  readonly fallback: T;
  /** The fallback in words, when its value does not say it. */
  readonly fallbackText?: string;
  /** What the variable does, in one sentence. */
  readonly meaning: string;
  /** Its messages complete the sentence "<variable> …". */
  readonly schema: z.ZodType<T, string>;
}

/** A whole number within bounds. */
export function integer(least: number, most: number): z.ZodType<number, string> {
  const message = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= least && value <= most, message);
}

/** A share of something. */
export function ratio(): z.ZodType<number, string> {
  const message = 'must be a number from 0 to 1, such as 0.1';
  return z
    .string()
    .regex(/^\d(\.\d{1,9})?$/, message)
    .transform(Number)
    .refine((value) => value <= 1, message);
}

/** A URL with one of these schemes; the message never repeats it, because it may hold a password. */
export function url(schemes: readonly string[], example: string): z.ZodType<string, string> {
  return z.string().refine((text) => {
    const parsed = URL.canParse(text) ? new URL(text) : null;
    if (parsed === null || !schemes.includes(parsed.protocol)) return false;
    // A server has a host; a file has none but its own machine.
    return parsed.protocol === 'file:' ? parsed.host === '' : parsed.host !== '';
  }, `is not a URL of the form ${example}`);
}

/** Origins between commas, or `*`. */
export function origins(): z.ZodType<'*' | readonly string[], string> {
  return z
    .string()
    .transform((text) => (text === '*' ? text : text.split(',').map((origin) => origin.trim())))
    .refine(
      (list) =>
        list === '*' || list.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin),
      'must be "*" or origins between commas, each with scheme and host alone, such as https://app.example.com',
    );
}

/** One of a few words. */
export function oneOf<const W extends string>(...words: readonly [W, ...W[]]): z.ZodType<W, string> {
  return z.enum(words, `must be one of ${words.join(', ')}`);
}
