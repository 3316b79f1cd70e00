import { featureSpec } from '../../domains/ecommerce-purchase/features';
import { featureSpecSchema } from '../../src/learning/features/feature-spec';
import { prepareExamples } from '../../src/learning/preparation/prepare-examples';
import { type Side } from './side';

const BATCH = 4096;

/** From the file to encoded batches, as training does it: all examples of all parts are read once. */
export const ourSide: Side = async ({ path, workDirectory }) => {
  // Not by time, where examples between two parts are left out: both sides have to find the same.
  const spec = featureSpecSchema.parse({ ...featureSpec, split: { by: 'stratified' } });
  const prepared = await prepareExamples({ csvPath: path, spec, workDirectory, seed: 1 });
  const found = { examples: 0, positives: 0, historyEvents: 0 };
  for (const part of [prepared.train, prepared.validation, prepared.test])
    for (let from = 0; from < part.count; from += BATCH) {
      const length = Math.min(BATCH, part.count - from);
      const batch = await part.read(Int32Array.from({ length }, (_, index) => from + index));
      found.examples += batch.count;
      for (const label of batch.labels_N) found.positives += label;
      for (const events of batch.sequence?.lengths_N ?? []) found.historyEvents += events;
    }
  await prepared.close();
  return found;
};
