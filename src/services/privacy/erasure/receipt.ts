import { type PrivacyKeys } from '../../../platform/privacy/privacy-keys';

export const RECEIPT_FORMAT = 'propensity-erasure-receipt/1';

export const VERSION_OUTCOMES = ['KEPT', 'RETIRED', 'RETRAINING'] as const;

/** What became of a model version that was trained on the subject, or started from one that was. */
export interface VersionOutcome {
  readonly modelVersionId: string;
  readonly domain: string;
  readonly number: number;
  /** The training that brought it forth, and the files that it read the subject's rows from. */
  readonly trainingRunId: string;
  readonly datasets: ReadonlyArray<{ readonly datasetId: string; readonly rows: number }>;
  /**
   * The version whose weights it started from, where that is how it has learned from the subject; null where its own files
   * held the rows.
   */
  readonly inheritedFrom: string | null;
  readonly outcome: (typeof VERSION_OUTCOMES)[number];
  /** Of one that is kept. */
  readonly legalGround: string | null;
  /** Of one that is retrained: the training on the files as they are now. */
  readonly retrainedBy: string | null;
  /** It serves on until another is promoted, and cannot be promoted again. */
  readonly servesUntilReplaced: boolean;
  /** Where it could not be done as was asked: why. */
  readonly remark: string | null;
}

/** What was removed, of whom, and when: what is signed. */
export interface ReceiptContent {
  readonly format: typeof RECEIPT_FORMAT;
  readonly receiptId: string;
  readonly tenantId: string;
  readonly subject: string;
  readonly domains: readonly string[];
  readonly requestedAt: string;
  readonly completedAt: string;
  readonly removed: ReadonlyArray<{ readonly what: string; readonly count: number }>;
  readonly datasets: ReadonlyArray<{ readonly datasetId: string; readonly rows: number }>;
  readonly modelVersions: readonly VersionOutcome[];
}

export interface SignedReceipt {
  /** JSON of the content, to the letter what was signed. */
  readonly document: string;
  /** Ed25519, base64. */
  readonly signature: string;
  readonly keyId: string;
  /** PEM. */
  readonly publicKey: string;
}

export function signReceipt(keys: PrivacyKeys, content: ReceiptContent): SignedReceipt {
  const document = JSON.stringify(content);
  const { keyId, publicKey } = keys;
  return { document, signature: keys.sign(document), keyId, publicKey };
}
