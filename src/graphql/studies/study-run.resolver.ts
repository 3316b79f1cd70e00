import { FieldResolver, ID, Int, Resolver, Root } from 'type-graphql';
import { TrainingRun } from '../training/training-run';

/** What a run has to do with a study. */
@Resolver(() => TrainingRun)
export class StudyRunResolver {
  @FieldResolver(() => ID, {
    nullable: true,
    description: 'The study that asked for it; null where it was asked for by itself.',
  })
  studyId(@Root() { entity }: TrainingRun): string | null {
    return entity.studyId;
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description:
      "The number of the study's trial that it is the training of: it leaves no model version. Null of others, and of the refit of a study's best.",
  })
  trialNumber(@Root() { entity }: TrainingRun): number | null {
    return entity.trial === null ? null : entity.trial + 1;
  }
}
