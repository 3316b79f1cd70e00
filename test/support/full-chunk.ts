import { type InputShape } from '../../src/learning/features/encoded-examples';
import { type TrainingChunk } from '../../src/learning/training/trainable';

/** Batches without padding rows, their histories padded to the data's longest. */
export function fullChunk(
  shape: InputShape,
  chunk: Omit<TrainingChunk, 'weights_N' | 'length'>,
): TrainingChunk {
  return {
    ...chunk,
    weights_N: new Float32Array(chunk.examples.count).fill(1),
    length: shape.sequence?.maxLength ?? 1,
  };
}
