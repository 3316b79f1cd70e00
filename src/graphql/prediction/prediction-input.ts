import { Field, InputType } from 'type-graphql';
import { FeatureValueInput } from './feature-value';

/** What the prediction of every domain takes; a domain adds its own fields. */
@InputType('PredictionInput', { description: 'What every prediction takes.' })
export abstract class PredictionInput {
  @Field(() => Date, {
    nullable: true,
    description: 'The moment of prediction; now when left out. Every event of the history lies before it.',
  })
  readonly at?: Date | null;

  @Field(() => [FeatureValueInput], {
    nullable: true,
    description:
      'Features by name, for specifications of your own; unknown names are errors. Absent features are missing, unless they follow from stored events: derived features by other keys than the subject, such as an item, always; where the history is looked up, also derived features of the subject, and all features of models whose moments are dates.',
  })
  readonly features?: readonly FeatureValueInput[] | null;
}

/** What an event of every domain's history takes; a domain adds its own fields. */
@InputType('HistoryEventInput', { description: 'What every past event takes.' })
export abstract class HistoryEventInput {
  @Field(() => Date, {
    nullable: true,
    description:
      'When it happened: always needed, but for the steps of a TABLE with its history in columns, which have no moments and are given oldest first.',
  })
  readonly at?: Date | null;

  @Field(() => [FeatureValueInput], {
    nullable: true,
    description: 'Fields by name, for sequences of your own specification; unknown names are errors.',
  })
  readonly values?: readonly FeatureValueInput[] | null;
}
