import { createPublicKey, verify } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../errors';

/** What `ErasureReceipt` gives, as one JSON object; other fields of it are passed over. */
const receiptSchema = z.object({
  document: z.string(),
  signature: z.base64(),
  publicKey: z.string().optional(),
});

const contentSchema = z.object({
  receiptId: z.string(),
  subject: z.string(),
  completedAt: z.string(),
  removed: z.array(z.object({ what: z.string(), count: z.number() })),
  modelVersions: z.array(z.object({ modelVersionId: z.string(), outcome: z.string() })),
});

export interface CheckedReceipt {
  readonly isSigned: boolean;
  /** What it says; null unless it is signed. */
  readonly content: z.infer<typeof contentSchema> | null;
}

/**
 * Checks a receipt by a key; by the one that it names itself where none is given, which shows that it is whole and not who
 * signed it.
 * @param text the receipt as JSON
 * @param publicKey PEM
 * @throws AppError BAD_USER_INPUT when one of them is none
 */
export function checkReceipt(text: string, publicKey: string | null): CheckedReceipt {
  const receipt = receiptSchema.safeParse(parsed(text));
  if (!receipt.success)
    throw new AppError(
      'BAD_USER_INPUT',
      'The file holds no receipt: give JSON with document and signature, as `subjectRequest` answers them.',
    );
  const { document, signature } = receipt.data;
  const pem = publicKey ?? receipt.data.publicKey;
  if (pem === undefined)
    throw new AppError('BAD_USER_INPUT', 'The receipt names no key: give it with --key.');
  const isSigned = verify(null, Buffer.from(document), keyOf(pem), Buffer.from(signature, 'base64'));
  return { isSigned, content: isSigned ? contentSchema.parse(JSON.parse(document)) : null };
}

function keyOf(pem: string) {
  try {
    return createPublicKey(pem);
  } catch (error) {
    throw new AppError('BAD_USER_INPUT', 'The key is none: give the PEM of `privacySigningKey`.', [], {
      cause: error,
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
