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
  countStates,
  OUTCOME_STATES,
  type OutcomeEntry as Entry,
} from '../../services/prediction/outcomes/outcomes.service';
import { DomainKind } from '../domain-kind';
import { enumOf } from '../enum-of';
import { Issue } from '../results/issue';
import { InvalidInput } from '../results/shared-errors';

@InputType('OutcomeInput', {
  description:
    'What became of a prediction: of the one with `predictionId`, or of those of a subject for a moment.',
})
export class OutcomeInput {
  @Field(() => ID, {
    nullable: true,
    description: 'The `id` of the prediction; or leave it out, and give `subjectId` and `predictedFor`.',
  })
  readonly predictionId?: string | null;

  @Field(() => ID, { nullable: true, description: 'The subject, as the prediction named it.' })
  readonly subjectId?: string | null;

  @Field(() => Date, {
    nullable: true,
    description:
      'The moment of prediction, as the prediction named it (`at`), to the millisecond. All recorded predictions of the subject for it have this outcome.',
  })
  readonly predictedFor?: Date | null;

  @Field(() => Boolean, { description: 'Whether it was a yes.' })
  readonly label!: boolean;

  @Field(() => Date, {
    description:
      'When it was so, not before the moment of prediction. Of several outcomes of a prediction, the latest counts.',
  })
  readonly at!: Date;

  @Field(() => Float, {
    nullable: true,
    description: 'What it was worth to you, in a unit of your own: revenue, or a loss below zero.',
  })
  readonly value?: number | null;
}

@InputType('RecordOutcomesInput', { description: 'A batch of outcomes of one domain.' })
export class RecordOutcomesInput {
  @Field(() => DomainKind, { description: 'The domain.' })
  readonly domain!: string;

  @Field(() => [OutcomeInput], { description: 'The outcomes, in any order, at most 1,000.' })
  readonly outcomes!: readonly OutcomeInput[];
}

export const OutcomeState = enumOf(OUTCOME_STATES);

registerEnumType(OutcomeState, {
  name: 'OutcomeState',
  description: 'What became of an outcome that was sent.',
  valuesConfig: {
    RECORDED: { description: 'It is the first of its prediction.' },
    REPLACED: { description: 'It is later than the one that was recorded, and stands in its place.' },
    DUPLICATE: { description: 'Just this was recorded before; nothing was changed.' },
    OUTDATED: { description: 'A later one was recorded before, and stays; nothing was changed.' },
    UNKNOWN_PREDICTION: {
      description: 'There is no such prediction, or no longer: `issues` says which field names none.',
    },
    REFUSED: {
      description: 'It was not recorded, for the reasons in `issues`; the others of the batch were.',
    },
  },
});

@ObjectType('OutcomeEntry', { simpleResolvers: true, description: 'What became of one outcome of a batch.' })
export class OutcomeEntry {
  @Field(() => OutcomeState, { description: 'What became of it.' })
  readonly state!: Entry['state'];

  @Field(() => [ID], { description: 'The predictions that it is the outcome of; empty when it is of none.' })
  readonly predictionIds!: readonly string[];

  @Field(() => [Issue], {
    description:
      'Why it was not recorded, with paths such as `outcomes.3.at`; empty unless UNKNOWN_PREDICTION or REFUSED.',
  })
  readonly issues!: readonly Issue[];
}

@ObjectType('RecordOutcomesSuccess', {
  description:
    'The batch was judged outcome by outcome, and what is recorded is committed: the counts add up to the outcomes sent.',
})
export class RecordOutcomesSuccess {
  @Field(() => Int, { description: 'How many were the first of their predictions.' })
  readonly recorded!: number;

  @Field(() => Int, { description: 'How many stand in the place of earlier ones.' })
  readonly replaced!: number;

  @Field(() => Int, { description: 'How many were recorded before.' })
  readonly duplicates!: number;

  @Field(() => Int, { description: 'How many were older than what is recorded.' })
  readonly outdated!: number;

  @Field(() => Int, { description: 'How many named no prediction.' })
  readonly unknown!: number;

  @Field(() => Int, { description: 'How many were not recorded for other reasons.' })
  readonly refused!: number;

  @Field(() => [OutcomeEntry], { description: 'What became of each, in the order of the batch.' })
  readonly outcomes!: readonly Entry[];

  static from(outcomes: readonly Entry[]): RecordOutcomesSuccess {
    const counts = countStates(outcomes);
    return Object.assign(new RecordOutcomesSuccess(), {
      recorded: counts.RECORDED,
      replaced: counts.REPLACED,
      duplicates: counts.DUPLICATE,
      outdated: counts.OUTDATED,
      unknown: counts.UNKNOWN_PREDICTION,
      refused: counts.REFUSED,
      outcomes,
    });
  }
}

export const RecordOutcomesResult = createUnionType({
  name: 'RecordOutcomesResult',
  description: 'What came of `recordOutcomes`.',
  types: () => [RecordOutcomesSuccess, InvalidInput] as const,
});
