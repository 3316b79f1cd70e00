import { Field, Float, ObjectType, registerEnumType } from 'type-graphql';
import { type ColumnType as ColumnTypeName } from '../../learning/preparation/csv-inspection';
import {
  PERSONAL_CLASSES,
  type PersonalClass as PersonalClassName,
} from '../../learning/features/personal-data';
import {
  COLUMN_ROLES,
  type ColumnProfile as ColumnProfileData,
  DRIFT_LEVELS,
} from '../../learning/preparation/profile/dataset-profile';
import { connectionOf } from '../connections/connection';
import { enumOf } from '../enum-of';
import { SafeInt } from '../scalars';
import { ColumnType } from './dataset';
import { NumberSummary } from './number-summary';

export const ColumnRole = enumOf(COLUMN_ROLES);
registerEnumType(ColumnRole, {
  name: 'ColumnRole',
  description: 'What the configuration takes a column for; of several roles, the first in this order.',
  valuesConfig: {
    LABEL: { description: 'Holds the label.' },
    TIME: { description: "Holds the row's moment." },
    SUBJECT: { description: 'Says whose event a row is.' },
    ID: { description: 'Names the example.' },
    KIND: { description: 'Says what kind of event a row is.' },
    FEATURE: { description: 'Is read by a feature.' },
    UNUSED: { description: 'Is not read.' },
  },
});

export const PersonalClass = enumOf(PERSONAL_CLASSES);
registerEnumType(PersonalClass, {
  name: 'PersonalClass',
  description: 'What sort of personal data a column holds, by the terms of the GDPR.',
  valuesConfig: {
    IDENTIFIER: { description: 'What names a person: a name, a number of theirs, a birth date.' },
    CONTACT: {
      description: 'How they are reached: an e-mail address, a telephone number, a postal address.',
    },
    FINANCIAL: { description: 'Their money: a card or account number, an income.' },
    SPECIAL_CATEGORY: { description: 'Of Art. 9(1): health, religion, origin, orientation, opinions.' },
  } satisfies Record<PersonalClassName, object>,
});

@ObjectType('PersonalProposal', {
  description:
    'That a column seems to hold personal data. Who agrees marks it in `personal` of the feature specification.',
})
export class PersonalProposal {
  @Field(() => PersonalClass, { description: 'What it would be marked as.' })
  readonly class!: string;

  @Field(() => String, { description: 'What speaks for it.' })
  readonly reason!: string;
}

export const DriftLevel = enumOf(DRIFT_LEVELS);
registerEnumType(DriftLevel, {
  name: 'DriftLevel',
  description:
    'How much a column has changed, by the part of its stability index that chance does not explain.',
  valuesConfig: {
    NONE: { description: 'Below 0.1.' },
    MODERATE: { description: '0.1 to 0.25.' },
    LARGE: { description: '0.25 or more.' },
  },
});

@ObjectType('CountedValue', { description: 'A value of a column, and how many rows have it.' })
export class CountedValue {
  @Field(() => String, { description: 'The value as it is written, shortened to 100 characters.' })
  readonly value!: string;

  @Field(() => SafeInt, { description: 'Rows with it.' })
  readonly count!: number;
}

@ObjectType('SentinelSuspicion', {
  description: 'A value that may stand for "not known", and would be read as what it says.',
})
export class SentinelSuspicion {
  @Field(() => String, { description: 'The value, such as −1, 999, unknown or 1900-01-01.' })
  readonly value!: string;

  @Field(() => SafeInt, { description: 'Rows with it.' })
  readonly count!: number;

  @Field(() => String, { description: 'Why it is suspected.' })
  readonly reason!: string;
}

@ObjectType('InvalidCell', { description: 'A cell that the configuration cannot read.' })
export class InvalidCell {
  @Field(() => SafeInt, { description: 'Its line in the file; the header is usually line 1.' })
  readonly line!: number;

  @Field(() => String, {
    nullable: true,
    description: 'What it holds, shortened to 80 characters; null when it is empty.',
  })
  readonly value!: string | null;

  @Field(() => String, { description: 'Why it cannot be read.' })
  readonly reason!: string;
}

@ObjectType('InvalidCells', { description: 'The cells of a column that the configuration cannot read.' })
export class InvalidCells {
  @Field(() => SafeInt, {
    description: 'How many there are. A row with one is quarantined; a row may have several.',
  })
  readonly count!: number;

  @Field(() => [InvalidCell], { description: 'The first of them, five at most.' })
  readonly examples!: readonly InvalidCell[];
}

@ObjectType('ReadsAs', {
  description: 'How many of the given cells can be read as what. One cell may count for several.',
})
export class ReadsAs {
  @Field(() => SafeInt, { description: 'As numbers within ±3.4e38.' })
  readonly numbers!: number;

  @Field(() => SafeInt, { description: 'As true, false, yes or no, in any case.' })
  readonly booleans!: number;

  @Field(() => SafeInt, { description: 'As ISO 8601 moments or days.' })
  readonly moments!: number;
}

@ObjectType('MomentRange', { description: 'The first and the last moment of a column.' })
export class MomentRange {
  @Field(() => Date, { description: 'The first.' })
  readonly earliest!: Date;

  @Field(() => Date, { description: 'The last.' })
  readonly latest!: Date;
}

@ObjectType('ColumnDrift', {
  description: 'How the values of the first third of the time differ from those of the last.',
})
export class ColumnDrift {
  @Field(() => Float, {
    description:
      'Population stability index: Σ (l − f) · ln(l / f) over the shares of the first and the last part in bins; 0 when nothing has changed. Bins: numbers and moments by the deciles of the first part, texts by its 20 most frequent and all others, and one for missing values.',
  })
  readonly psi!: number;

  @Field(() => Float, {
    description:
      'What the index comes to on average when nothing has changed: large when there are few rows.',
  })
  readonly psiByChance!: number;

  @Field(() => DriftLevel, { description: 'What `psi − psiByChance` means.' })
  readonly level!: string;
}

const LABEL_AUC =
  'the probability that a positive row ranks above a negative one, ties counting half: 0.5 says nothing, 0 and 1 say everything. Over rows with a known label';

@ObjectType('ColumnProfile', { description: 'What is in a column, over all rows. All counts are exact.' })
export class ColumnProfile {
  @Field(() => String, { description: 'Its name in the header.' })
  readonly name!: string;

  @Field(() => ColumnRole, { description: 'What the configuration takes it for.' })
  readonly role!: string;

  @Field(() => ColumnType, {
    description: 'What nine of ten of its given values are, or more; judged by all rows.',
  })
  readonly type!: ColumnTypeName;

  @Field(() => SafeInt, {
    description:
      'Rows without a value: the cell is empty, or holds a word for a missing value such as NA, null or ?. A categorical feature reads such a word as a category of its own.',
  })
  readonly missingCount!: number;

  @Field(() => SafeInt, { description: 'Of `missingCount`, the rows whose cell is empty.' })
  readonly emptyCount!: number;

  @Field(() => [CountedValue], {
    description: 'The words for a missing value that it holds, most frequent first, ten at most.',
  })
  readonly missingMarkers!: readonly CountedValue[];

  @Field(() => SafeInt, { description: 'Rows with a value.' })
  readonly givenCount!: number;

  @Field(() => SafeInt, { description: 'Different values as they are written, missing ones apart; exact.' })
  readonly distinctCount!: number;

  @Field(() => ReadsAs, { description: 'What its values can be read as: shows columns of mixed types.' })
  readonly readsAs!: ReadsAs;

  @Field(() => [CountedValue], { description: 'The most frequent values, ten at most.' })
  readonly frequentValues!: readonly CountedValue[];

  @Field(() => NumberSummary, {
    nullable: true,
    description: 'Of its numbers; null unless `type` is NUMERIC.',
  })
  readonly numbers!: NumberSummary | null;

  @Field(() => MomentRange, { nullable: true, description: 'Of its moments; null unless `type` is MOMENT.' })
  readonly moments!: MomentRange | null;

  @Field(() => [SentinelSuspicion], {
    description:
      'Values that may stand for "not known". Codes such as −1 or 999 are suspected when three rows or more have them and they stand apart: as the only negative numbers, or a quarter of the range of all others away from them.',
  })
  readonly sentinels!: readonly SentinelSuspicion[];

  @Field(() => InvalidCells, {
    description: 'What the configuration cannot read; always 0 when `role` is UNUSED.',
  })
  readonly invalid!: InvalidCells;

  @Field(() => Float, {
    nullable: true,
    description: `How its values alone order the label: ${LABEL_AUC} and a value. Texts are ranked by the rate of positives that they have in the other half of the rows. Null for the label itself, and with fewer than ten positive or negative rows.`,
  })
  readonly auc!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: `How its having a value orders the label: ${LABEL_AUC}. Null as \`auc\`, and when no value is missing.`,
  })
  readonly presenceAuc!: number | null;

  @Field(() => ColumnDrift, {
    nullable: true,
    description:
      'How it changes over time; null for the time itself, and where `DatasetProfile.drift` is null.',
  })
  readonly drift!: ColumnDrift | null;

  @Field(() => PersonalClass, {
    nullable: true,
    description:
      'What the configuration marks it as: then no value of it is shown here, in cleaning proposals or in quarantined rows; null where it is not marked.',
  })
  readonly personal!: string | null;

  @Field(() => PersonalProposal, {
    nullable: true,
    description:
      'What it may have to be marked as, guessed from its ten most frequent values and its name; null where nothing speaks for it, and where it is marked.',
  })
  readonly personalProposal!: PersonalProposal | null;

  static from({ markers, moments, ...rest }: ColumnProfileData): ColumnProfile {
    return Object.assign(new ColumnProfile(), {
      ...rest,
      missingMarkers: markers,
      moments: moments && { earliest: new Date(moments.earliest), latest: new Date(moments.latest) },
    });
  }
}

export const ColumnProfileConnection = connectionOf(ColumnProfile, 'ColumnProfile', 'columns');
