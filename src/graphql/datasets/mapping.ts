import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import {
  MAPPING_BASES,
  type MappedColumn as MappedColumnData,
  type MappingBasis as BasisName,
} from '../../learning/preparation/mapping/resolve-mapping';
import { type Candidate } from '../../learning/preparation/mapping/guess-mapping';
import { COLUMN_USES, type ColumnUse as UseName } from '../../learning/preparation/mapping/wanted-columns';
import { type ReadMapping } from '../../services/datasets/dataset-mappings.service';
import { DomainConfiguration } from '../domains/configuration';
import { enumOf } from '../enum-of';

export const MappingBasis = enumOf(MAPPING_BASES);

registerEnumType(MappingBasis, {
  name: 'MappingBasis',
  description: 'What it rests on that a column of the file is taken for one of the configuration.',
  valuesConfig: {
    SAME_NAME: { description: 'The two have the same name.' },
    GUESS: { description: 'A guess from names and contents.' },
    DECISION: { description: 'A person said so, with `mapDataset`.' },
    NONE: { description: 'Nothing: no column of the file is like it.' },
  } satisfies Record<BasisName, object>,
});

export const ColumnUse = enumOf(COLUMN_USES);

registerEnumType(ColumnUse, {
  name: 'ColumnUse',
  description: 'What the configuration reads a column as.',
  valuesConfig: {
    LABEL: { description: 'What is to be predicted.' },
    TIME: { description: 'The moment of the row.' },
    SUBJECT: { description: 'Whom the event is of.' },
    ID: { description: 'The id of the example.' },
    KIND: { description: 'The kind of event.' },
    ENTITY: { description: 'What the split keeps in one part, or what an entity is found by.' },
    SESSION: { description: 'The session that the event is of.' },
    CONDITION: { description: 'What an event must hold to decide the label.' },
    NUMBER: { description: 'A numeric feature, or field of the history.' },
    CATEGORY: { description: 'A categorical feature, or field of the history.' },
    MOMENT: { description: 'A timestamp feature, or field of the history.' },
    TEXT: { description: 'A multi-valued, text or vector feature, or field of the history.' },
  } satisfies Record<UseName, object>,
});

@ObjectType('MappingCandidate', { description: 'A column of the file that may be the one that is read.' })
export class MappingCandidate implements Candidate {
  @Field(() => String, { description: 'Its name in the file.' })
  readonly source!: string;

  @Field(() => Float, { description: 'How likely it is, 0 to 1: for comparison, no probability.' })
  readonly confidence!: number;

  @Field(() => String, { description: 'What speaks for it, or against it.' })
  readonly reason!: string;
}

@ObjectType('MappedColumn', {
  description: 'A column that the configuration reads, and the column of the file that it is read from.',
})
export class MappedColumn implements MappedColumnData {
  @Field(() => String, { description: 'What the configuration calls it.' })
  readonly column!: string;

  @Field(() => [ColumnUse], { description: 'What it is read as; one use or more.' })
  readonly uses!: readonly UseName[];

  @Field(() => [String], { description: 'The features and fields that read it.' })
  readonly features!: readonly string[];

  @Field(() => String, {
    nullable: true,
    description:
      'What the file calls it, as far as that is known or guessed; null where no column is like it.',
  })
  readonly source!: string | null;

  @Field(() => MappingBasis, { description: 'What that rests on.' })
  readonly basis!: BasisName;

  @Field(() => Float, {
    description: 'How certain it is, 0 to 1; 1 for the same name and for what a person said.',
  })
  readonly confidence!: number;

  @Field(() => String, { description: 'What speaks for it.' })
  readonly reason!: string;

  @Field(() => Boolean, {
    description:
      'Whether a person has to confirm or correct it, with `mapDataset`, before anything is trained.',
  })
  readonly needsConfirmation!: boolean;

  @Field(() => [MappingCandidate], {
    description: 'The likeliest columns of the file, five at most, by falling confidence.',
  })
  readonly candidates!: readonly Candidate[];
}

@ObjectType('DatasetMapping', {
  description: 'Which columns of a file are those that the configuration in force reads.',
})
export class DatasetMapping {
  @Field(() => Int, { description: 'How often people have confirmed or corrected it.' })
  readonly version!: number;

  @Field(() => DomainConfiguration, { description: 'The configuration that reads the columns.' })
  readonly configuration!: DomainConfiguration;

  @Field(() => Boolean, {
    description: 'Whether no column waits to be confirmed: then it can be trained on.',
  })
  readonly isComplete!: boolean;

  @Field(() => [MappedColumn], {
    description: 'Every column that the configuration reads, in the order in which it names them.',
  })
  readonly columns!: readonly MappedColumnData[];

  @Field(() => [String], { description: 'The columns of the file that nothing is read from, in its order.' })
  readonly unreadColumns!: readonly string[];

  static from({ mapping, configuration }: ReadMapping): DatasetMapping {
    return Object.assign(new DatasetMapping(), {
      version: mapping.version,
      configuration: DomainConfiguration.from(configuration),
      isComplete: mapping.isComplete,
      columns: mapping.columns,
      unreadColumns: mapping.unread,
    });
  }
}
