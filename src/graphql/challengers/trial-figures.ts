import { Field, Float, ObjectType, registerEnumType } from 'type-graphql';
import {
  type BoundedFigure as Bounded,
  type SideFigures,
  TRIAL_MEASURES,
  TRIAL_VERDICTS,
  type TrialFigures as Figures,
  type TrialMeasure as Measure,
  type TrialVerdict as Verdict,
} from '../../services/challengers/trial-figures';
import { enumOf } from '../enum-of';
import { SafeInt } from '../scalars';

export const TrialVerdict = enumOf(TRIAL_VERDICTS);
registerEnumType(TrialVerdict, {
  name: 'TrialVerdict',
  description: 'What a trial says of the challenger.',
  valuesConfig: {
    COLLECTING: {
      description:
        'Too few outcomes are known to compare log losses: of each side `minOutcomes`, 50 yes and 50 no, of 30 subjects.',
    },
    UNDECIDED: { description: 'Neither is better beyond the bounds.' },
    WORSE: { description: 'It is worse beyond the bounds: it is ended, if it was started so.' },
    BETTER: { description: 'Its log loss is lower beyond the bounds: it is ready to be promoted.' },
  },
});

export const TrialMeasure = enumOf(TRIAL_MEASURES);
registerEnumType(TrialMeasure, {
  name: 'TrialMeasure',
  description: 'What a challenger is worse by.',
  valuesConfig: {
    LOG_LOSS: { description: 'Its probabilities are farther from the outcomes.' },
    ERROR_RATE: { description: 'It more often has no answer.' },
  },
});

@ObjectType('BoundedFigure', {
  simpleResolvers: true,
  description: 'A number with bounds that hold at all times at once, however often one looks.',
})
export class BoundedFigure {
  @Field(() => Float, { description: 'As it is in what was seen.' })
  readonly value!: number;

  @Field(() => Float, { description: 'The lower bound.' })
  readonly low!: number;

  @Field(() => Float, { description: 'The upper bound.' })
  readonly high!: number;
}

@ObjectType('TrialSide', { simpleResolvers: true, description: 'One of the two versions in a trial.' })
export class TrialSide {
  @Field(() => SafeInt, { description: 'Predictions with a known outcome that are compared.' })
  readonly outcomes!: number;

  @Field(() => SafeInt, { description: 'How many of these outcomes are yes.' })
  readonly positives!: number;

  @Field(() => SafeInt, { description: 'How many subjects they are about.' })
  readonly subjects!: number;

  @Field(() => BoundedFigure, {
    nullable: true,
    description: 'Log loss, with bounds of 95 %; null below two subjects.',
  })
  readonly logLoss!: Bounded | null;

  @Field(() => SafeInt, { description: 'How often it was asked; the candidates of one decision are one.' })
  readonly asked!: number;

  @Field(() => SafeInt, { description: 'How often it had no answer: the sum of the four below.' })
  readonly errors!: number;

  @Field(() => SafeInt, { description: 'It did not take an input that the champion takes.' })
  readonly refused!: number;

  @Field(() => SafeInt, { description: 'It did not answer in time.' })
  readonly timedOut!: number;

  @Field(() => SafeInt, { description: 'Its answer was no number.' })
  readonly notFinite!: number;

  @Field(() => SafeInt, { description: 'It could not be loaded or run.' })
  readonly failed!: number;

  @Field(() => SafeInt, {
    description: 'What was not scored or recorded for the comparison, because others needed the machine.',
  })
  readonly dropped!: number;

  @Field(() => BoundedFigure, {
    nullable: true,
    description: 'Share of errors, with bounds of 95 %; null before it was asked.',
  })
  readonly errorRate!: Bounded | null;

  static from({ counts, ...rest }: SideFigures): TrialSide {
    const { refused, timed_out: timedOut, not_finite: notFinite, failed, dropped } = counts;
    return Object.assign(new TrialSide(), { ...rest, refused, timedOut, notFinite, failed, dropped });
  }
}

@ObjectType('TrialFigures', { simpleResolvers: true, description: 'What a trial has shown so far.' })
export class TrialFigures {
  @Field(() => TrialVerdict, { description: 'What it says.' })
  readonly verdict!: Verdict;

  @Field(() => TrialMeasure, { nullable: true, description: 'What WORSE is about; else null.' })
  readonly because!: Measure | null;

  @Field(() => TrialSide, { description: 'The champion, as far as it is compared.' })
  readonly champion!: TrialSide;

  @Field(() => TrialSide, { description: 'The challenger.' })
  readonly challenger!: TrialSide;

  @Field(() => BoundedFigure, {
    nullable: true,
    description:
      'Log loss of the challenger less that of the champion, with the bounds that the verdict goes by: above 0 it is worse. Null while too few outcomes are known.',
  })
  readonly logLossDifference!: Bounded | null;

  static from({ champion, challenger, ...rest }: Figures): TrialFigures {
    return Object.assign(new TrialFigures(), {
      ...rest,
      champion: TrialSide.from(champion),
      challenger: TrialSide.from(challenger),
    });
  }
}
