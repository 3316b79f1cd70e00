import { z } from 'zod';
import { columnName } from './spec-fields';

/**
 * What is personal in a file, by the terms of the GDPR: what names a person (Art. 4(1)), how they are reached, their money, and
 * the special categories of Art. 9(1), such as health, religion or origin.
 */
export const PERSONAL_CLASSES = ['IDENTIFIER', 'CONTACT', 'FINANCIAL', 'SPECIAL_CATEGORY'] as const;
export type PersonalClass = (typeof PERSONAL_CLASSES)[number];

/** Columns that hold personal data. They are read as others are; what people are shown of a file is without their values. */
export const personalSchema = z
  .array(z.strictObject({ column: columnName, class: z.enum(PERSONAL_CLASSES) }))
  .min(1)
  .max(2000)
  .check((ctx) => {
    const names = ctx.value.map(({ column }) => column);
    names.forEach((name, index) => {
      if (names.indexOf(name) < index)
        ctx.issues.push({
          code: 'custom',
          input: ctx.value,
          path: [index, 'column'],
          message: `${name} is marked twice`,
        });
    });
  });

export type PersonalColumns = z.infer<typeof personalSchema>;

/** What a column is marked as, under any of its names; null where it is not. */
export function personalClassOf(
  personal: PersonalColumns | undefined,
  names: readonly string[],
): PersonalClass | null {
  return personal?.find(({ column }) => names.includes(column))?.class ?? null;
}
