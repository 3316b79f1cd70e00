import { groupByScore } from '../evaluation/score-groups';
import { rocAuc } from '../evaluation/ranking';
import { type ExampleSource } from '../features/encoded-examples';
import { type Trainable } from './trainable';

/** Examples per prediction: large enough to fill matrix products, small enough to heed the signal often. */
export const VALIDATION_BLOCK = 2048;

export interface Validation {
  /** Mean log loss in nats; NaN when a logit is not finite. */
  readonly loss: number;
  /** 0.5 when the part has one class only. */
  readonly rocAuc: number;
}

/** Judges the present weights on a source. */
export async function validate(
  trainable: Pick<Trainable, 'predict'>,
  source: ExampleSource,
  signal: AbortSignal,
): Promise<Validation> {
  const { labels_N, logits_N } = await predictLogits(trainable, source, signal);
  if (!logits_N.every(Number.isFinite)) return { loss: Number.NaN, rocAuc: 0.5 };
  let sum = 0;
  for (let i = 0; i < logits_N.length; i++) {
    const logit = logits_N[i] ?? 0;
    // −ln sigmoid(±logit) as softplus, which neither overflows nor loses small losses.
    sum += Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit))) - (labels_N[i] ?? 0) * logit;
  }
  return { loss: sum / logits_N.length, rocAuc: rocAuc(groupByScore(labels_N, logits_N)) ?? 0.5 };
}

/** Labels and logits of a whole source, in its order, read block by block. */
export async function predictLogits(
  trainable: Pick<Trainable, 'predict'>,
  source: ExampleSource,
  signal: AbortSignal,
): Promise<{ labels_N: Float32Array; logits_N: Float32Array }> {
  const labels_N = new Float32Array(source.count);
  const logits_N = new Float32Array(source.count);
  for (let from = 0; from < source.count; from += VALIDATION_BLOCK) {
    signal.throwIfAborted();
    const length = Math.min(VALIDATION_BLOCK, source.count - from);
    const examples = await source.read(Int32Array.from({ length }, (_, index) => from + index));
    labels_N.set(examples.labels_N, from);
    logits_N.set(await trainable.predict(examples), from);
  }
  return { labels_N, logits_N };
}
