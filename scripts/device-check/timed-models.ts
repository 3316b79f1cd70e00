import { networkWorkload } from '../../bench/training/network-workload';
import { referenceWorkload } from '../../bench/training/reference';
import { type Workload } from '../../bench/training/workload';
import { drawExamples, presets } from './presets';

export interface TimedModel {
  readonly name: string;
  readonly batches: readonly number[];
  workload(): Workload;
}

/** The standard presets at their own batch size, and the reference model. */
export function timedModels(): TimedModel[] {
  const standard = presets().filter(({ size }) => size === 'standard');
  return [
    ...standard.map(({ slug, model, shape }) => ({
      name: slug,
      batches: [model.batchSize],
      workload: () =>
        networkWorkload({
          name: slug,
          model,
          shape,
          examples: (count) => Promise.resolve(drawExamples(shape, count)),
        }),
    })),
    { name: 'reference', batches: [256, 1024], workload: referenceWorkload },
  ];
}
