import { createHash } from 'node:crypto';
import { type Device } from '../../engine/runtime';
import { AppError } from '../../errors';
import { type Evaluation } from '../evaluation/evaluate';

/** Largest difference in probability between the trainer and the artifact that is still the same model. */
export const CERTIFICATE_TOLERANCE = 1e-5;

/** The evidence that an artifact is the model that was trained and judged. Plain JSON. */
export interface Certificate {
  /** Of the artifact's bytes, lower-case hex, as are all digests here. */
  readonly artifactSha256: string;
  /** Of the examples that the model was fitted and judged on. */
  readonly dataFingerprint: string;
  /** Of the model's configuration. */
  readonly modelSha256: string;
  /** Of the code that trained it: the package's version. */
  readonly codeVersion: string;
  /** Examples that the model was fitted on, chosen with, and judged on. */
  readonly examples: { readonly train: number; readonly validation: number; readonly test: number };
  /** What it was trained on. */
  readonly device: Device;
  /** From the first optimizer step to the last, of the process that ended the training. */
  readonly trainSeconds: number;
  /** Held-out examples whose probability was computed by trainer and artifact both. */
  readonly comparedExamples: number;
  /** The largest difference found: at most `tolerance`. */
  readonly maxProbabilityDifference: number;
  readonly tolerance: number;
  /** Of the artifact's answers on the test part. */
  readonly metrics: Evaluation;
}

/**
 * The largest absolute difference of two lists of probabilities.
 *
 * @throws AppError TRAINING_FAILED when it is above {@link CERTIFICATE_TOLERANCE}, or is no number: the artifact
 *   must not be used then.
 */
export function certifiedDifference(trainer_N: Float32Array, artifact_N: Float32Array): number {
  if (trainer_N.length !== artifact_N.length)
    throw new RangeError(`${trainer_N.length} probabilities to compare with ${artifact_N.length}`);
  let largest = 0;
  for (let i = 0; i < trainer_N.length; i++) {
    const difference = Math.abs((trainer_N[i] ?? Number.NaN) - (artifact_N[i] ?? Number.NaN));
    if (!(difference <= CERTIFICATE_TOLERANCE))
      throw new AppError(
        'TRAINING_FAILED',
        `The exported model differs from the trained one by ${difference} in the probability of held-out example ` +
          `${i} (allowed: ${CERTIFICATE_TOLERANCE}), so it was discarded. Please report this run.`,
      );
    largest = Math.max(largest, difference);
  }
  return largest;
}

/** SHA-256 in lower-case hex. */
export function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
