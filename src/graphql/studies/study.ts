import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { OBJECTIVES, type Objective as SearchObjective } from '../../learning/search/rank-trials';
import { type Spread, SPREAD_METRICS } from '../../learning/search/spread';
import { type StudyTrial as TrialData, TRIAL_STATES } from '../../services/studies/study-trials';
import {
  STUDY_METHODS,
  STUDY_STATES,
  type TrainingStudy as Entity,
} from '../../services/studies/training-study.entity';
import { connectionOf } from '../connections/connection';
import { DomainKind } from '../domain-kind';
import { enumOf } from '../enum-of';
import { Evaluation } from '../models/evaluation';
import { JsonObject } from '../scalars';
import { TrainingRun } from '../training/training-run';

export const StudyMethod = enumOf(STUDY_METHODS);

registerEnumType(StudyMethod, {
  name: 'StudyMethod',
  description: 'What the trainings of a study are for.',
  valuesConfig: {
    CROSS_VALIDATION: {
      description: 'To know how far figures of one configuration depend on which examples they are of.',
    },
    SEARCH: { description: 'To find the best of many configurations.' },
  },
});

export const StudyState = enumOf(STUDY_STATES);

registerEnumType(StudyState, {
  name: 'StudyState',
  description: 'How far a study is. SUCCEEDED, FAILED and CANCELLED are final.',
  valuesConfig: {
    RUNNING: { description: 'Its trials wait for their turns, or are trained.' },
    REFITTING: { description: 'The best is found, and is trained to become a model version.' },
    SUCCEEDED: { description: 'It has ended well.' },
    FAILED: { description: 'It has not; `error` says why. What its trials have shown stays.' },
    CANCELLED: { description: 'Ended by `cancelStudy`. What its trials have shown stays.' },
  },
});

export const TrialState = enumOf(TRIAL_STATES);

registerEnumType(TrialState, {
  name: 'TrialState',
  description: 'How far a trial is.',
  valuesConfig: {
    WAITING: { description: 'Its training waits for its turn.' },
    RUNNING: { description: 'It is trained.' },
    STOPPED: { description: 'Others were better after as many epochs: it is trained no further.' },
    FINISHED: { description: 'It was trained to its end.' },
    FAILED: { description: 'Its training failed; `run.error` says why.' },
    CANCELLED: { description: 'Its training was cancelled.' },
  },
});

export const Objective = enumOf(OBJECTIVES);

registerEnumType(Objective, {
  name: 'Objective',
  description: 'By what a search chooses, always on the validation part; the test part is not looked at.',
  valuesConfig: {
    LOG_LOSS: { description: 'The lowest log loss.' },
    ROC_AUC: { description: 'The largest area under the ROC curve.' },
    PR_AUC: { description: 'The largest average precision.' },
  },
});

const METRICS = {
  rocAuc: 'ROC_AUC',
  prAuc: 'PR_AUC',
  logLoss: 'LOG_LOSS',
  brier: 'BRIER',
  ece: 'ECE',
  accuracy: 'ACCURACY',
  precision: 'PRECISION',
  recall: 'RECALL',
  f1: 'F1',
} as const satisfies Readonly<Record<(typeof SPREAD_METRICS)[number], string>>;

export const FoldMetric = enumOf(Object.values(METRICS));

registerEnumType(FoldMetric, {
  name: 'FoldMetric',
  description: 'A metric of a cross-validation, as `Evaluation` describes it.',
  valuesConfig: Object.fromEntries(
    Object.entries(METRICS).map(([field, name]) => [name, { description: `\`Evaluation.${field}\`.` }]),
  ),
});

@ObjectType('MetricSpread', {
  description: 'How a metric differs over the test parts of the folds that have ended.',
})
export class MetricSpread {
  @Field(() => FoldMetric, { description: 'The metric.' })
  readonly metric!: string;

  @Field(() => Int, { description: 'Folds in which it is defined.' })
  readonly count!: number;

  @Field(() => Float, { description: 'Its mean over them, each fold alike.' })
  readonly mean!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Its standard deviation over them, that of a sample; null of fewer than two.',
  })
  readonly standardDeviation!: number | null;

  @Field(() => Float, { description: 'The lowest.' })
  readonly min!: number;

  @Field(() => Float, { description: 'The highest.' })
  readonly max!: number;

  static from({ metric, ...spread }: Spread): MetricSpread {
    return Object.assign(new MetricSpread(), { ...spread, metric: METRICS[metric] });
  }
}

@ObjectType('StudyTrial', { description: 'One of the trainings that a study compares.' })
export class StudyTrial {
  @Field(() => Int, { description: '1, 2, 3 … within the study.' })
  readonly number!: number;

  @Field(() => TrialState, { description: 'How far it is.' })
  readonly state!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'Of a cross-validation: which part of the examples is its test, from 1; else null.',
  })
  readonly fold!: number | null;

  @Field(() => JsonObject, {
    description:
      'Of a search: the values that were drawn, by the path of the option; all else is as configured. Options that do not go with another value, such as those of another architecture, are absent.',
  })
  readonly parameters!: Readonly<Record<string, unknown>>;

  @Field(() => Int, {
    nullable: true,
    description: 'Epochs that it was trained for; null until it was judged.',
  })
  readonly epochs!: number | null;

  @Field(() => Evaluation, {
    nullable: true,
    description:
      'On the validation part, at the threshold of largest F1 there. The probabilities were calibrated on it, so it flatters all trials alike. Null until it was judged.',
  })
  readonly validation!: Evaluation | null;

  @Field(() => Evaluation, {
    nullable: true,
    description:
      'On the fold that neither training nor calibration saw; null of a search, and until it was judged.',
  })
  readonly test!: Evaluation | null;

  @Field(() => TrainingRun, {
    description: 'Its training, an ordinary run that leaves no model version.',
  })
  readonly run!: TrainingRun;

  static from({ trial, state, fold, parameters, result, run }: TrialData): StudyTrial {
    return Object.assign(new StudyTrial(), {
      ...{ number: trial + 1, state, parameters },
      fold: fold === null ? null : fold + 1,
      epochs: result?.epochs ?? null,
      validation: result && Evaluation.from(result.validation),
      test: result?.test ? Evaluation.from(result.test) : null,
      run: TrainingRun.from(run),
    });
  }
}

@ObjectType('StudyComparison', { description: 'What the trials of a study that were judged have shown.' })
export class StudyComparison {
  @Field(() => [StudyTrial], {
    description:
      'Of a search: from the best to the worst by its objective, those that were trained for longer first; else empty.',
  })
  readonly ranking!: readonly StudyTrial[];

  @Field(() => [MetricSpread], {
    description: 'Of a cross-validation: each metric over the folds; else empty.',
  })
  readonly metrics!: readonly MetricSpread[];
}

@ObjectType('SearchRung', { description: 'A step of successive halving.' })
export class SearchRung {
  @Field(() => Int, { description: 'How many trials are trained, fewer where some failed.' })
  readonly trials!: number;

  @Field(() => Int, { description: 'For how many epochs at most.' })
  readonly epochs!: number;
}

@ObjectType('StudySearch', { description: 'How a search looks for the best configuration.' })
export class StudySearch {
  @Field(() => JsonObject, { description: 'What was drawn from, as it was given.' })
  readonly space!: object;

  @Field(() => Objective, { description: 'By what it chooses, on the validation part.' })
  readonly objective!: SearchObjective;

  @Field(() => Float, { description: 'The seed: the same gives the same trials.' })
  readonly seed!: number;

  @Field(() => [SearchRung], { description: 'The steps of successive halving; empty without it.' })
  readonly rungs!: readonly SearchRung[];

  @Field(() => Boolean, { description: 'Whether the best is trained to become a model version.' })
  readonly refit!: boolean;
}

@ObjectType('TrainingStudy', {
  description: 'Trainings of one dataset that belong together: a cross-validation, or a search.',
})
export class TrainingStudy {
  @Field(() => ID, { description: 'Its id.' })
  readonly id!: string;

  @Field(() => DomainKind, { description: 'The domain.' })
  readonly kind!: string;

  @Field(() => StudyMethod, { description: 'What its trainings are for.' })
  readonly method!: string;

  @Field(() => StudyState, { description: 'How far it is.' })
  readonly state!: string;

  @Field(() => StudySearch, { nullable: true, description: 'Null of a cross-validation.' })
  readonly search!: StudySearch | null;

  @Field(() => String, { nullable: true, description: 'Why it failed; null unless FAILED.' })
  readonly error!: string | null;

  @Field(() => Date, { description: 'When it was asked for.' })
  readonly requestedAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it ended.' })
  readonly finishedAt!: Date | null;

  /** The row, for fields that are resolved when asked for. */
  readonly entity!: Entity;

  static from(entity: Entity): TrainingStudy {
    const { id, kind, method, state, errorMessage, requestedAt, finishedAt, plan } = entity;
    return Object.assign(new TrainingStudy(), {
      ...{ entity, id, kind, method, state, error: errorMessage, requestedAt, finishedAt },
      search:
        plan.search && Object.assign(new StudySearch(), { ...plan.search, rungs: plan.search.rungs ?? [] }),
    });
  }
}

export const TrainingStudyConnection = connectionOf(TrainingStudy, 'TrainingStudy', 'studies');
