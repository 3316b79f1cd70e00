import { z } from 'zod';

/** Values that one option may take. */
const choices = z.strictObject({
  choices: z
    .array(z.json())
    .min(2)
    .max(100)
    .refine((values) => new Set(values.map((value) => JSON.stringify(value))).size === values.length, {
      error: 'names a value twice',
    })
    .refine((values) => !JSON.stringify(values).includes('\\u0000'), {
      error: 'the character U+0000 is not allowed',
    }),
});

const bounds = { min: z.number(), max: z.number(), integer: z.boolean().default(false) };
const isRange = [
  ({ min, max }: { readonly min: number; readonly max: number }) => min < max,
  { path: ['max'] as PropertyKey[], error: 'must be above min' },
] as const;
const holdsIntegers = [
  ({ min, max, integer }: z.infer<z.ZodObject<typeof bounds>>) =>
    !integer || (Number.isInteger(min) && Number.isInteger(max)),
  { path: ['integer'] as PropertyKey[], error: 'needs min and max to be whole numbers' },
] as const;

/** Every number alike; both ends may be drawn. */
const uniform = z.strictObject({
  uniform: z
    .strictObject(bounds)
    .refine(...isRange)
    .refine(...holdsIntegers),
});

/** Every order of magnitude alike. */
const logUniform = z.strictObject({
  logUniform: z
    .strictObject({ ...bounds, min: z.number().positive() })
    .refine(...isRange)
    .refine(...holdsIntegers),
});

const distribution = z.union([choices, uniform, logUniform]);
export type Distribution = z.infer<typeof distribution>;

const OPTION = /^[a-zA-Z][a-zA-Z0-9]*(\.[a-zA-Z][a-zA-Z0-9]*)*$/;
const MOST_PARAMETERS = 32;

/** What a search tries: for each option of the model configuration, by its path such as `recurrent.units`, what it is drawn from. */
export const searchSpaceSchema = z
  .record(
    z.string().max(200).regex(OPTION, { error: 'name options as paths, such as recurrent.units' }),
    distribution,
  )
  .superRefine((space, ctx) => {
    const paths = Object.keys(space);
    if (paths.length === 0 || paths.length > MOST_PARAMETERS)
      ctx.addIssue({ code: 'custom', message: `name 1 to ${MOST_PARAMETERS} options` });
    for (const path of paths)
      if (paths.some((other) => other.startsWith(`${path}.`)))
        ctx.addIssue({ code: 'custom', path: [path], message: 'holds another option of the space' });
  });

export type SearchSpace = z.infer<typeof searchSpaceSchema>;

/** The value at a place of the distribution. @param at in [0, 1) */
export function valueAt(distribution: Distribution, at: number): z.infer<ReturnType<typeof z.json>> {
  if ('choices' in distribution)
    return distribution.choices[Math.floor(at * distribution.choices.length)] ?? null;
  const isLog = 'logUniform' in distribution;
  const { min, max, integer } = isLog ? distribution.logUniform : distribution.uniform;
  if (!integer) return isLog ? clamp(min * (max / min) ** at, min, max) : min + at * (max - min);
  // A whole number stands for what rounds to it.
  const [low, high] = [min - 0.5, max + 0.5];
  const drawn = isLog ? Math.max(low, 0.5) * (high / Math.max(low, 0.5)) ** at : low + at * (high - low);
  return clamp(Math.round(drawn), min, max);
}

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));
