import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import {
  CLEANING_KINDS,
  type CleaningKind as KindName,
  columnOfStep,
} from '../../learning/preparation/cleaning/cleaning-step';
import { type CleaningProposal as ProposalData } from '../../learning/preparation/cleaning/propose';
import {
  CLEANING_STATUSES,
  type CleaningStatus as StatusName,
} from '../../services/datasets/cleaning-decision.entity';
import { type DecidedProposal } from '../../services/datasets/dataset-cleaning.service';
import { enumOf } from '../enum-of';
import { JsonObject, SafeInt } from '../scalars';

export const CleaningKind = enumOf(CLEANING_KINDS);

registerEnumType(CleaningKind, {
  name: 'CleaningKind',
  description:
    'What is mended, in the order in which it is applied. What changes values is mended in predictions, too.',
  valuesConfig: {
    READ_TIME_FORMAT: {
      description:
        'Moments are read that are not written as ISO 8601: those of rows, in files alone; those of timestamps, in requests too.',
    },
    DROP_LATER_ROWS: { description: 'Rows are left out whose moment is after a bound. Of files alone.' },
    DROP_DUPLICATES: { description: 'Copies of rows are left out. Of files alone.' },
    KEEP_LAST_OF_ID: {
      description: "Of an entity's rows with one id that differ the last is kept. Of files alone.",
    },
    MERGE_SPELLINGS: { description: 'Values, or those in lists, that differ in case or blanks become one.' },
    TREAT_AS_MISSING: {
      description:
        'A code, a word or a moment that stands for "not known" becomes missing, or is left out of lists.',
    },
    TREAT_ZEROS_AS_MISSING: { description: 'A vector that holds zeros alone becomes missing.' },
    TREAT_OTHER_LENGTHS_AS_MISSING: {
      description:
        'A vector of another length than the configuration says becomes missing, instead of an error.',
    },
    CLIP: { description: 'Numbers beyond two bounds are moved to them.' },
    MERGE_RARE: { description: 'Rare values, or those in lists, become one, and so do values that are new.' },
    FILL_MISSING: { description: 'What is missing gets a value.' },
  } satisfies Record<KindName, object>,
});

export const CleaningStatus = enumOf(CLEANING_STATUSES);

registerEnumType(CleaningStatus, {
  name: 'CleaningStatus',
  description: 'What became of a proposal.',
  valuesConfig: {
    OPEN: { description: 'Nobody has decided, or the decision was undone: it is not applied.' },
    ACCEPTED: { description: 'It is applied in trainings that are asked for from now on.' },
    REFUSED: { description: 'It is not applied.' },
  } satisfies Record<StatusName, object>,
});

@ObjectType('CleaningStep', { description: 'Something that is mended before a model learns.' })
export class CleaningStep {
  @Field(() => ID, { description: 'Of what it does: the same for the same proposal.' })
  readonly id!: string;

  @Field(() => CleaningKind, { description: 'What kind of thing it is.' })
  readonly kind!: KindName;

  @Field(() => String, {
    nullable: true,
    description: 'The column of the file; null where it is about whole rows.',
  })
  readonly column!: string | null;

  @Field(() => String, { description: 'What it does, and why, for people.' })
  readonly description!: string;

  @Field(() => JsonObject, { description: 'All that it takes: bounds, values, spellings, formats.' })
  readonly parameters!: object;

  @Field(() => SafeInt, {
    description: 'Rows of the file that it alone changes, leaves out, or makes readable.',
  })
  readonly rowsAffected!: number;

  static from({ id, step, description, rowsAffected }: ProposalData): CleaningStep {
    const { kind, ...parameters } = step;
    return Object.assign(new CleaningStep(), {
      id,
      kind,
      column: columnOfStep(step),
      description,
      parameters,
      rowsAffected,
    });
  }
}

@ObjectType('CleaningProposal', {
  description: 'Something that could be mended, and what was decided about it.',
})
export class CleaningProposal extends CleaningStep {
  @Field(() => String, { nullable: true, description: 'One value or line that it is about.' })
  readonly example!: string | null;

  @Field(() => CleaningStatus, { description: 'What became of it; `decideCleaning` changes it.' })
  readonly status!: StatusName;

  @Field(() => Date, { nullable: true, description: 'When it was accepted or refused; null while OPEN.' })
  readonly decidedAt!: Date | null;

  static fromDecided({ proposal, status, decidedAt }: DecidedProposal): CleaningProposal {
    const { example } = proposal;
    return Object.assign(new CleaningProposal(), CleaningStep.from(proposal), { example, status, decidedAt });
  }
}

@ObjectType('DatasetCleaning', {
  description: 'What could be mended in a dataset before anything is trained on it.',
})
export class DatasetCleaning {
  @Field(() => [CleaningProposal], {
    description:
      'Proposals made from the profile, each with its effect when it alone is accepted; whole rows first, then by column.',
  })
  readonly proposals!: readonly CleaningProposal[];
}
