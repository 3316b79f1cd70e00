import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type PreparedExamples } from '../preparation/prepared-examples';

/**
 * What a model and all that it descends from have seen, as far as it takes to tell that others are unseen. No example and no
 * subject can be told from it.
 */
export const seenExamples = z.strictObject({
  /** Ms since 1970: no label of what any of them was fitted on looks further. Null where moments are unknown. */
  fittedUntil: z.number().nullable(),
  /** The same of what decided when to stop. */
  tunedUntil: z.number().nullable(),
  /** SHA-256 of the file of the examples; null where it is unknown. */
  file: z.string().nullable(),
  /** SHA-256 over the names of all that it was not fitted on, part by part. */
  heldOut: z.string(),
});
export type SeenExamples = z.infer<typeof seenExamples>;

type Parts = Pick<PreparedExamples, 'train' | 'validation' | 'test'>;

/** What a model that was trained on these parts has seen, and what it started from. */
export function seenBy(
  { train, validation, test }: Parts,
  { file, earlier }: { readonly file: string | null; readonly earlier: SeenExamples | null },
): SeenExamples {
  const latest = (own: number | undefined, before: number | null | undefined) =>
    own === undefined || before === null ? null : Math.max(own, before ?? own);
  return {
    fittedUntil: latest(train.span?.until, earlier?.fittedUntil),
    tunedUntil: latest(validation.span?.until, earlier?.tunedUntil),
    file,
    heldOut: namesOf({ validation, test }),
  };
}

/**
 * Why a training on these parts may not start from a model: what it has seen may be among what is to be unseen. Null where
 * it may, because
 * - all that it was fitted on lies before validation and test, and all that it was tuned on before the test, or
 * - the file and both held-out parts are the same ones.
 */
export function leak(seen: SeenExamples, parts: Parts, file: string | null): string | null {
  const { validation, test } = parts;
  if (file !== null && seen.file === file && seen.heldOut === namesOf(parts)) return null;
  if (seen.fittedUntil === null || seen.tunedUntil === null || !validation.span || !test.span)
    return 'It may have learned from examples that are now held out: without moments, that is sure of the same file with the same split and seed alone.';
  if (seen.fittedUntil >= Math.min(validation.span.from, test.span.from))
    return `It has learned from labels until ${iso(seen.fittedUntil)}, and what is held out now begins before. Split by time, on data that goes on.`;
  if (seen.tunedUntil >= test.span.from)
    return `It was chosen by labels until ${iso(seen.tunedUntil)}, and the test part begins before. Split by time, on data that goes on.`;
  return null;
}

function namesOf({ validation, test }: Pick<Parts, 'validation' | 'test'>): string {
  const hash = createHash('sha256');
  for (const part of [validation, test]) {
    hash.update(`|${part.count}|`);
    for (const id of part.ids()) hash.update(`${JSON.stringify(id)},`);
  }
  return hash.digest('hex');
}

const iso = (ms: number): string => new Date(ms).toISOString();
