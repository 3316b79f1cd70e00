import { createUnionType, Field, Float, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { METRICS } from '../../learning/evaluation/weighted-metrics';
import { type BootstrapIntervals as IntervalsData } from '../../learning/evaluation/intervals';
import { type HeldOut } from '../../services/models/evaluations.service';
import { type SliceFeature as SliceFeatureData } from '../../services/models/slice-features';
import { enumOf } from '../enum-of';
import { InvalidInput } from '../results/shared-errors';

@InputType('SliceConditionInput', {
  description:
    'What the examples of a slice have in common in one feature, by its value before encoding. Give `values` for a category, `from`, `below` or both for a number, or `missing`.',
})
export class SliceConditionInput {
  @Field(() => String, { description: 'The feature: one of `ModelVersion.sliceFeatures`.' })
  readonly feature!: string;

  @Field(() => [String], {
    nullable: true,
    description: 'Categories, of which the example has one; 1 to 100, written as `sliceFeatures` lists them.',
  })
  readonly values?: readonly string[] | null;

  @Field(() => Float, { nullable: true, description: 'The number is at least this.' })
  readonly from?: number | null;

  @Field(() => Float, { nullable: true, description: 'The number is less than this.' })
  readonly below?: number | null;

  @Field(() => Boolean, { nullable: true, description: '`true`: the value is missing.' })
  readonly missing?: boolean | null;
}

/** `rocAuc` is `ROC_AUC`. */
const enumName = (metric: string) => metric.replace(/[A-Z]/g, '_$&').toUpperCase();

export const Metric = enumOf(METRICS.map(enumName));

registerEnumType(Metric, {
  name: 'Metric',
  description: 'A metric of an evaluation, named after the field of `Evaluation` that describes it.',
  valuesConfig: {
    ACCURACY: { description: 'Share of right decisions.' },
    PRECISION: { description: 'Share of the examples called positive that are.' },
    RECALL: { description: 'Share of the positive examples that are called so.' },
    F1: { description: 'Harmonic mean of precision and recall.' },
    SPECIFICITY: { description: 'Share of the negative examples that are called so.' },
    BALANCED_ACCURACY: { description: 'Mean of recall and specificity.' },
    MCC: { description: 'Matthews correlation coefficient.' },
    ROC_AUC: { description: 'Area under the ROC curve.' },
    PR_AUC: { description: 'Average precision.' },
    KS: { description: 'Kolmogorov–Smirnov statistic.' },
    GINI: { description: '2 · ROC AUC − 1.' },
    LOG_LOSS: { description: 'Mean negative log likelihood.' },
    NORMALIZED_ENTROPY: { description: 'Log loss over that of always answering the base rate.' },
    BRIER: { description: 'Mean squared error of the probability.' },
    ECE: { description: 'Expected calibration error.' },
  },
});

@ObjectType('MetricInterval', { description: 'A metric, and where it would lie with other examples.' })
export class MetricInterval {
  @Field(() => Metric, { description: 'Which metric.' })
  readonly metric!: string;

  @Field(() => Float, { nullable: true, description: 'Its value; null where it is undefined.' })
  readonly estimate!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Lower end; null where the metric is undefined here or in more than a tenth of the replicates, or where there are fewer than ten subjects, or examples.',
  })
  readonly low!: number | null;

  @Field(() => Float, { nullable: true, description: 'Upper end; null where the lower is.' })
  readonly high!: number | null;
}

export const ResampledUnit = enumOf(['EXAMPLES', 'SUBJECTS']);

registerEnumType(ResampledUnit, {
  name: 'ResampledUnit',
  description: 'What a bootstrap draws as a whole.',
  valuesConfig: {
    EXAMPLES: { description: 'Each example by itself: the data names no subjects.' },
    SUBJECTS: { description: 'All examples of a subject together, because they are alike.' },
  },
});

@ObjectType('BootstrapIntervals', {
  description:
    'Percentile intervals of a seeded bootstrap: the same examples and threshold always give the same intervals. `docs/evaluation.md` says how they are made.',
})
export class BootstrapIntervals {
  @Field(() => Float, { description: 'How often such intervals hold the true value: 0.95.' })
  readonly level!: number;

  @Field(() => Int, {
    description: 'How often was drawn: 200 to 1000; 0 where there was too little to draw from.',
  })
  readonly replicates!: number;

  @Field(() => ResampledUnit, { description: 'What was drawn as a whole.' })
  readonly resampled!: string;

  @Field(() => Int, { description: 'How many subjects, or examples, there are.' })
  readonly units!: number;

  @Field(() => [MetricInterval], { description: 'Every metric, in the order of the fields of `Evaluation`.' })
  readonly metrics!: readonly MetricInterval[];

  static from(data: IntervalsData): BootstrapIntervals {
    const metrics = data.metrics.map(({ metric, ...interval }) => ({
      ...interval,
      metric: enumName(metric),
    }));
    return Object.assign(new BootstrapIntervals(), { ...data, metrics });
  }
}

@ObjectType('HeldOutEvaluation', {
  description:
    'A model version on the examples of its test part, or a slice of them, at one threshold. Everything is computed from the same examples.',
})
export class HeldOutEvaluation {
  @Field(() => Int, { description: 'Examples in the test part, in the slice or not.' })
  readonly total!: number;

  /** For the fields that are resolved when asked for. */
  readonly heldOut!: HeldOut;

  static from(heldOut: HeldOut): HeldOutEvaluation {
    return Object.assign(new HeldOutEvaluation(), { total: heldOut.examples.total, heldOut });
  }
}

export const HeldOutResult = createUnionType({
  name: 'HeldOutResult',
  description:
    'What `ModelVersion.heldOut` answers. `InvalidInput`: the threshold is outside 0 to 1, or the slice names what was not kept, does not fit the feature, or holds fewer than 30 examples; the path says where.',
  types: () => [HeldOutEvaluation, InvalidInput] as const,
});

export const SliceFeatureKind = enumOf(['NUMBER', 'CATEGORY']);

registerEnumType(SliceFeatureKind, {
  name: 'SliceFeatureKind',
  description: 'What a feature that slices are made by holds.',
  valuesConfig: {
    NUMBER: { description: 'Numbers: slice by `from` and `below`.' },
    CATEGORY: { description: 'Categories: slice by `values`.' },
  },
});

@ObjectType('SliceValue', { description: 'A category among the held-out examples.' })
export class SliceValue {
  @Field(() => String, { description: 'The category, as `SliceConditionInput.values` takes it.' })
  readonly value!: string;

  @Field(() => Int, { description: 'Examples of the test part that have it.' })
  readonly count!: number;
}

@ObjectType('SliceFeature', {
  description: 'A feature by which the test part can be sliced, and what it is there, before encoding.',
})
export class SliceFeature {
  @Field(() => String, { description: 'Its name in the feature specification.' })
  readonly name!: string;

  @Field(() => SliceFeatureKind, { description: 'What it holds.' })
  readonly kind!: string;

  @Field(() => Int, { description: 'Examples in the test part.' })
  readonly count!: number;

  @Field(() => Int, { description: 'Examples among them in which it is missing.' })
  readonly missing!: number;

  @Field(() => Int, { nullable: true, description: 'How many different categories; null for numbers.' })
  readonly different!: number | null;

  @Field(() => [SliceValue], { description: 'The 50 most frequent categories; empty for numbers.' })
  readonly values!: readonly SliceValue[];

  @Field(() => [Float], {
    description:
      'Least, first quartile, median, third quartile and largest number; empty for categories, and where all are missing.',
  })
  readonly quantiles!: readonly number[];

  static from(data: SliceFeatureData): SliceFeature {
    return Object.assign(new SliceFeature(), data);
  }
}
