import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { type SplitKind as Kind } from '../../learning/features/split-spec';
import { type PreparationSummary } from '../../learning/preparation/prepared-examples';
import { type PartSummary } from '../../learning/preparation/split/split-summary';
import { SafeInt } from '../scalars';

export const SplitKind = {
  TIME: 'time',
  ENTITY: 'entity',
  ENTITY_AND_TIME: 'entityAndTime',
  STRATIFIED: 'stratified',
} as const satisfies Record<string, Kind>;

registerEnumType(SplitKind, {
  name: 'SplitKind',
  description: 'What keeps the parts of the data apart.',
  valuesConfig: {
    TIME: { description: 'Training before validation before test.' },
    ENTITY: { description: 'All examples of one entity (EVENTS: of one subject) are in one part.' },
    ENTITY_AND_TIME: { description: 'Both; what fits only one of the two is in no part.' },
    STRATIFIED: { description: 'At random, with the same label rate in each; identical examples together.' },
  },
});

@ObjectType('ExamplePart', { description: 'What is in one part of the data.' })
export class ExamplePart {
  @Field(() => Int, { description: 'Its examples.' })
  readonly examples!: number;

  @Field(() => Int, { description: 'Those whose label is positive.' })
  readonly positives!: number;

  @Field(() => Float, { nullable: true, description: 'positives / examples, 0 to 1; null without examples.' })
  readonly labelRate!: number | null;

  @Field(() => Date, { nullable: true, description: 'Its first moment; null for data without moments.' })
  readonly from!: Date | null;

  @Field(() => Date, { nullable: true, description: 'Its last moment; null for data without moments.' })
  readonly to!: Date | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Different subjects (EVENTS), or entities that the split is by; null where none is named.',
  })
  readonly entities!: number | null;

  static from({ from, to, ...part }: PartSummary): ExamplePart {
    return Object.assign(new ExamplePart(), {
      ...part,
      labelRate: part.examples === 0 ? null : part.positives / part.examples,
      from: from === null ? null : new Date(from),
      to: to === null ? null : new Date(to),
    });
  }
}

@ObjectType('DataSplit', {
  description: 'How the examples were divided. The same file, specification and seed give the same parts.',
})
export class DataSplit {
  @Field(() => SplitKind, { description: 'What keeps the parts apart.' })
  readonly by!: Kind;

  @Field(() => SafeInt, { description: "Of what is random: the specification's, or else the model's." })
  readonly seed!: number;

  @Field(() => Int, { nullable: true, description: 'How many folds there are; null without folds.' })
  readonly folds!: number | null;

  @Field(() => Int, { nullable: true, description: 'The fold that is the test, from 0; null without folds.' })
  readonly fold!: number | null;

  @Field(() => ExamplePart, { description: 'What the model was fitted on.' })
  readonly train!: ExamplePart;

  @Field(() => ExamplePart, { description: 'What decided when to stop, the calibration and the threshold.' })
  readonly validation!: ExamplePart;

  @Field(() => ExamplePart, { description: 'What the evaluation is of; used for nothing else.' })
  readonly test!: ExamplePart;
}

@ObjectType('EntityPreparation', {
  description:
    "Where the rows of an entity's file went, and which rows of the dataset found theirs. rows = quarantined + duplicates + used; matched + unmatched + withoutKey are the rows of the dataset that can be read and are not left out by cleaning.",
})
export class EntityPreparation {
  @Field(() => String, { description: 'The entity, as the feature specification names it.' })
  readonly name!: string;

  @Field(() => SafeInt, { description: "Rows of the entity's file." })
  readonly rows!: number;

  @Field(() => SafeInt, {
    description:
      'Its rows left out because they could not be read, or because their id comes again with other values.',
  })
  readonly quarantined!: number;

  @Field(() => SafeInt, {
    description:
      'Its rows left out as exact copies of an earlier one, or, where the last row of an id is kept, as one before it.',
  })
  readonly duplicates!: number;

  @Field(() => SafeInt, { description: 'Its rows that could be joined.' })
  readonly used!: number;

  @Field(() => SafeInt, { description: 'Rows of the dataset that found a row of the entity.' })
  readonly matched!: number;

  @Field(() => SafeInt, {
    description:
      "Rows of the dataset whose key the entity does not have, or not before their moment: the entity's values are missing.",
  })
  readonly unmatched!: number;

  @Field(() => SafeInt, {
    description: "Rows of the dataset without a key: the entity's values are missing.",
  })
  readonly withoutKey!: number;
}

@ObjectType('DataPreparation', {
  description:
    'Where every row of the dataset went. rows = quarantined + later + duplicates + used; moments = examples + censored + embargoed + unassigned.',
})
export class DataPreparation {
  @Field(() => SafeInt, { description: 'Rows of the file.' })
  readonly rows!: number;

  @Field(() => SafeInt, { description: 'Rows left out because they could not be read.' })
  readonly quarantined!: number;

  @Field(() => SafeInt, {
    description: 'Rows left out because their moment is after the last one that the specification takes.',
  })
  readonly later!: number;

  @Field(() => SafeInt, { description: 'Rows left out as exact copies of an earlier one.' })
  readonly duplicates!: number;

  @Field(() => SafeInt, {
    description:
      'Rows of which a value was changed by the cleaning that the specification asks for or a person accepted.',
  })
  readonly mended!: number;

  @Field(() => SafeInt, { description: 'Rows that the examples are made of.' })
  readonly used!: number;

  @Field(() => SafeInt, { description: 'Moments of prediction (EVENTS), or rows used (TABLE).' })
  readonly moments!: number;

  @Field(() => SafeInt, { description: 'Moments whose label was not yet known at the end of the data.' })
  readonly censored!: number;

  @Field(() => SafeInt, {
    description:
      'Moments left out because their label looks into a later part, or nearer to it than the embargo allows.',
  })
  readonly embargoed!: number;

  @Field(() => SafeInt, { description: 'Moments of no part: of the time or the entities of another.' })
  readonly unassigned!: number;

  @Field(() => SafeInt, { description: 'Examples in the three parts together.' })
  readonly examples!: number;

  @Field(() => SafeInt, {
    description:
      'Values of timestamp features, also of past events, that lie after the moment of prediction. They cannot have been known then, and count as missing.',
  })
  readonly laterMoments!: number;

  @Field(() => [EntityPreparation], {
    description: 'Of the entities that it was joined with; empty without any.',
  })
  readonly entities!: readonly EntityPreparation[];

  @Field(() => DataSplit, { description: 'How the examples were divided.' })
  readonly split!: DataSplit;

  static from({ accounting, split }: PreparationSummary): DataPreparation {
    return Object.assign(new DataPreparation(), {
      ...accounting,
      laterMoments: accounting.laterMoments ?? 0,
      entities: accounting.entities ?? [],
      split: {
        ...split,
        train: ExamplePart.from(split.train),
        validation: ExamplePart.from(split.validation),
        test: ExamplePart.from(split.test),
      },
    });
  }
}
