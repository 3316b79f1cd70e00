import { createHash, type Hash } from 'node:crypto';
import { type ExampleSource } from '../features/encoded-examples';
import { type FeatureMap } from '../features/feature-map';

const BLOCK = 4096;

/**
 * SHA-256 over the feature map and every encoded example with its label, part by part: lower-case hex.
 * Two runs with one fingerprint saw the same numbers, whatever file those came from.
 */
export async function dataFingerprint(
  featureMap: FeatureMap,
  parts: readonly ExampleSource[],
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(featureMap));
  for (const part of parts) {
    hash.update(`|${part.count}|`);
    for (let from = 0; from < part.count; from += BLOCK) {
      const length = Math.min(BLOCK, part.count - from);
      const examples = await part.read(Int32Array.from({ length }, (_, index) => from + index));
      const { sequence } = examples;
      add(hash, examples.labels_N, examples.numeric_NF, examples.categorical_NC);
      if (sequence) add(hash, sequence.lengths_N, sequence.numeric_NTS, sequence.categorical_NTK);
    }
  }
  return hash.digest('hex');
}

function add(hash: Hash, ...arrays: readonly (Float32Array | Int32Array)[]): void {
  for (const array of arrays) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
}
