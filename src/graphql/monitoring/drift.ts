import {
  createUnionType,
  Field,
  Float,
  ID,
  InputType,
  Int,
  ObjectType,
  registerEnumType,
} from 'type-graphql';
import {
  type ColumnDrift,
  DRIFT_STATES,
  type DriftState as State,
} from '../../learning/drift/compare-columns';
import { DRIFT_PARTS, type DriftPart as Part } from '../../learning/drift/drift-columns';
import { type LabelDrift as LabelDriftValues } from '../../learning/drift/label-drift';
import {
  DRIFT_BIN_KINDS,
  type DriftBinKind as BinKind,
  type PairedBin,
} from '../../learning/drift/paired-bins';
import { type VersionDrift } from '../../services/monitoring/drift.service';
import { DomainKind } from '../domain-kind';
import { enumOf } from '../enum-of';
import { InvalidInput, ModelNotReady } from '../results/shared-errors';

export const DriftState = enumOf(DRIFT_STATES);

registerEnumType(DriftState, {
  name: 'DriftState',
  description: 'How far live data is from what a model was trained on.',
  valuesConfig: {
    UNKNOWN: { description: 'Too few values to say, or nothing to compare with.' },
    STABLE: { description: 'No difference that is both too large for chance and large enough to matter.' },
    WATCH: { description: 'A difference worth a look.' },
    DRIFTED: { description: 'The data is another: train on newer data.' },
  },
});

export const DriftPart = enumOf(DRIFT_PARTS);

registerEnumType(DriftPart, {
  name: 'DriftPart',
  description: 'What of a model is compared.',
  valuesConfig: {
    FEATURE: { description: 'A feature.' },
    LENGTH: { description: 'How many events of the history the model saw.' },
    FIELD: { description: 'A field, over all events of the histories.' },
    SCORE: { description: 'The probability that it answered.' },
  },
});

export const DriftBinKind = enumOf(DRIFT_BIN_KINDS);

registerEnumType(DriftBinKind, {
  name: 'DriftBinKind',
  description: 'Which values a bin is of.',
  valuesConfig: {
    RANGE: { description: 'Numbers above `above` and up to `upTo`.' },
    CATEGORY: { description: 'One category.' },
    OTHER: { description: 'The rarer categories of the training.' },
    UNKNOWN: { description: 'Categories that are not among those kept of the training.' },
    MISSING: { description: 'No value.' },
  },
});

@InputType('DriftInput', { description: 'Which recorded predictions are compared with the training.' })
export class DriftInput {
  @Field(() => DomainKind, { description: 'The domain.' })
  readonly domain!: string;

  @Field(() => ID, { nullable: true, description: 'Of this model version; left out: the one that serves.' })
  readonly modelVersionId?: string | null;

  @Field(() => Date, { description: 'Answered not before this moment.' })
  readonly from!: Date;

  @Field(() => Date, { description: 'Answered before this moment.' })
  readonly until!: Date;
}

@ObjectType('DriftBin', { simpleResolvers: true, description: 'A bar of both histograms.' })
export class DriftBin {
  @Field(() => DriftBinKind, { description: 'Which values it is of.' })
  readonly kind!: BinKind;

  @Field(() => Float, { nullable: true, description: 'Of RANGE: above this; null: however small.' })
  readonly above!: number | null;

  @Field(() => Float, { nullable: true, description: 'Of RANGE: up to this; null: however large.' })
  readonly upTo!: number | null;

  @Field(() => String, { nullable: true, description: 'Of CATEGORY: which.' })
  readonly category!: string | null;

  @Field(() => Int, { description: 'Values of the training in it.' })
  readonly reference!: number;

  @Field(() => Float, { description: 'Their share of all values of the training, 0 to 1.' })
  readonly referenceShare!: number;

  @Field(() => Int, { description: 'Live values in it.' })
  readonly live!: number;

  @Field(() => Float, { description: 'Their share of all live values, 0 to 1.' })
  readonly liveShare!: number;
}

@ObjectType('FeatureDrift', {
  simpleResolvers: true,
  description: 'How far a feature, or the score, is from what it was in training.',
})
export class FeatureDrift {
  @Field(() => DriftPart, { description: 'What it is of.' })
  readonly part!: Part;

  @Field(() => String, {
    description: 'The name in the specification; `history` of LENGTH, `probability` of SCORE.',
  })
  readonly name!: string;

  @Field(() => DriftState, { description: 'UNKNOWN with fewer than 100 independent values on either side.' })
  readonly state!: State;

  @Field(() => Float, {
    description:
      'How many independent values those of the training are worth: those of one subject count as alike.',
  })
  readonly referenceEffective!: number;

  @Field(() => Float, { description: 'The same of the live values.' })
  readonly liveEffective!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Population stability index over `bins`, 0 or more; null when UNKNOWN.',
  })
  readonly psi!: number | null;

  @Field(() => Float, { nullable: true, description: 'What chance alone makes it on average.' })
  readonly psiExpected!: number | null;

  @Field(() => Float, { nullable: true, description: 'What chance alone hardly ever makes it pass.' })
  readonly psiCritical!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Kolmogorov and Smirnov’s largest distance of the distributions, 0 to 1; null for categories.',
  })
  readonly ks!: number | null;

  @Field(() => Float, { nullable: true, description: 'What chance alone hardly ever makes it pass.' })
  readonly ksCritical!: number | null;

  @Field(() => [DriftBin], { description: 'Both histograms, at most 24 bars.' })
  readonly bins!: readonly DriftBin[];

  static from({ bins, ...drift }: ColumnDrift): FeatureDrift {
    return Object.assign(new FeatureDrift(), { ...drift, bins: withShares(bins) });
  }
}

@ObjectType('LabelDrift', {
  simpleResolvers: true,
  description: 'Whether outcomes turn out yes as often as labels did in training.',
})
export class LabelDrift {
  @Field(() => DriftState, { description: 'UNKNOWN with fewer than 100 independent outcomes.' })
  readonly state!: State;

  @Field(() => Float, { description: 'Share of yes in the training part.' })
  readonly referenceRate!: number;

  @Field(() => Int, { description: 'Known outcomes of the predictions compared.' })
  readonly outcomes!: number;

  @Field(() => Float, { nullable: true, description: 'Share of yes among them; null when UNKNOWN.' })
  readonly liveRate!: number | null;

  @Field(() => Float, { nullable: true, description: 'Lower end of its 95 % interval.' })
  readonly low!: number | null;

  @Field(() => Float, { nullable: true, description: 'Upper end.' })
  readonly high!: number | null;

  @Field(() => Float, { nullable: true, description: 'How probable such a difference is by chance alone.' })
  readonly pValue!: number | null;

  static from({ interval, ...drift }: LabelDriftValues): LabelDrift {
    return Object.assign(new LabelDrift(), {
      ...drift,
      low: interval?.low ?? null,
      high: interval?.high ?? null,
    });
  }
}

@ObjectType('DriftReport', {
  simpleResolvers: true,
  description: 'How far what a model version is asked, says and is right about is from its training.',
})
export class DriftReport {
  @Field(() => ID, { description: 'The model version.' })
  readonly modelVersionId!: string;

  @Field(() => Date, { description: 'Predictions answered from here on.' })
  readonly from!: Date;

  @Field(() => Date, { description: 'And before this.' })
  readonly until!: Date;

  @Field(() => Int, {
    description: 'Recorded predictions compared: all of the span, or 5,000 of them drawn by lot.',
  })
  readonly predictions!: number;

  @Field(() => Boolean, {
    description:
      'False: the version was trained before references were kept, so that all is UNKNOWN. Train it again.',
  })
  readonly hasReference!: boolean;

  @Field(() => DriftState, { description: 'The gravest of inputs, score and label.' })
  readonly state!: State;

  @Field(() => DriftState, { description: 'The gravest of the features.' })
  readonly inputs!: State;

  @Field(() => [FeatureDrift], { description: 'The inputs, in the order of the specification.' })
  readonly features!: readonly FeatureDrift[];

  @Field(() => FeatureDrift, { nullable: true, description: 'The score; null without a reference.' })
  readonly score!: FeatureDrift | null;

  @Field(() => LabelDrift, { nullable: true, description: 'The outcomes; null without a reference.' })
  readonly label!: LabelDrift | null;

  static from({ report, ...drift }: VersionDrift): DriftReport {
    return Object.assign(new DriftReport(), {
      ...drift,
      hasReference: report !== null,
      state: report?.state ?? 'UNKNOWN',
      inputs: report?.inputs ?? 'UNKNOWN',
      features: report?.columns.map((column) => FeatureDrift.from(column)) ?? [],
      score: report && FeatureDrift.from(report.score),
      label: report && LabelDrift.from(report.label),
    });
  }
}

export const DriftResult = createUnionType({
  name: 'DriftResult',
  description: 'What `drift` answers.',
  types: () => [DriftReport, InvalidInput, ModelNotReady] as const,
});

function withShares(bins: readonly PairedBin[]): DriftBin[] {
  const total = (of: 'reference' | 'live') =>
    Math.max(
      1,
      bins.reduce((sum, bin) => sum + bin[of], 0),
    );
  const [ofReference, ofLive] = [total('reference'), total('live')];
  return bins.map((bin) =>
    Object.assign(new DriftBin(), {
      ...bin,
      referenceShare: bin.reference / ofReference,
      liveShare: bin.live / ofLive,
    }),
  );
}
