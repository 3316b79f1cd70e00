import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { type ColumnType as ColumnTypeName } from '../../learning/preparation/csv-inspection';
import { type Dataset as DatasetEntity, DATASET_STATES } from '../../services/datasets/dataset.entity';
import { type ErrorCode as Code } from '../../errors';
import { connectionOf } from '../connections/connection';
import { DomainKind } from '../domain-kind';
import { enumOf } from '../enum-of';
import { ErrorCode } from '../results/error-code';
import { Issue } from '../results/issue';
import { SafeInt } from '../scalars';
import { DatasetFormat } from './dataset-format';

export const DatasetState = enumOf(DATASET_STATES);

registerEnumType(DatasetState, {
  name: 'DatasetState',
  description: 'How far a dataset is.',
  valuesConfig: {
    AWAITING_UPLOAD: { description: 'Announced; its file has not arrived yet.' },
    READY: { description: 'Its file was received whole and inspected: it can be trained on.' },
    REJECTED: {
      description:
        'Its file could not be used, or is kept no longer, see `rejection`; another may be uploaded.',
    },
  },
});

export const ColumnType = {
  NUMERIC: 'numeric',
  CATEGORICAL: 'categorical',
  BOOLEAN: 'boolean',
  MOMENT: 'moment',
  EMPTY: 'empty',
} as const satisfies { [T in ColumnTypeName as Uppercase<T>]: T };

registerEnumType(ColumnType, {
  name: 'ColumnType',
  description: 'What the values of a column look like, judged by its first rows.',
  valuesConfig: {
    NUMERIC: { description: 'Numbers.' },
    CATEGORICAL: { description: 'Texts.' },
    BOOLEAN: { description: 'Two values that say yes and no.' },
    MOMENT: { description: 'Moments, ISO 8601.' },
    EMPTY: { description: 'No value in any of the first rows.' },
  },
});

@ObjectType('DatasetColumn', { description: 'A column of a dataset.' })
export class DatasetColumn {
  @Field(() => String, { description: 'Its name: from the header, or as in `DatasetFormat`.' })
  readonly name!: string;

  @Field(() => ColumnType, { description: 'What its values look like.' })
  readonly type!: ColumnTypeName;
}

@ObjectType('QuarantinedRow', { description: 'A row that was set aside because it could not be read.' })
export class QuarantinedRow {
  @Field(() => SafeInt, {
    description:
      'Its line in the unpacked file; a header is line 1. Of Parquet, the number of its record, from 1.',
  })
  readonly line!: number;

  @Field(() => String, { description: 'Why it could not be read.' })
  readonly reason!: string;

  @Field(() => String, { description: "The row's text, shortened when it is long." })
  readonly text!: string;
}

@ObjectType('DatasetRejection', { description: 'Why a file was refused.' })
export class DatasetRejection {
  @Field(() => ErrorCode, { description: 'What kind of problem it is.' })
  readonly code!: Code;

  @Field(() => String, { description: 'What is wrong with the file and what to do.' })
  readonly message!: string;

  @Field(() => [Issue], { description: 'Every problem that was found, with its column or line.' })
  readonly issues!: readonly Issue[];
}

@ObjectType('Dataset', {
  description:
    'One file of examples for one domain: CSV, JSON Lines or Parquet, plain or compressed. Its content is never changed once it is READY.',
})
export class Dataset {
  @Field(() => ID, { description: 'Its id.' })
  readonly id!: string;

  @Field(() => DomainKind, { description: 'The domain whose configuration the file is read with.' })
  readonly kind!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'The entity of the configuration that it holds, such as `items`; null for rows or events, of which examples are made.',
  })
  readonly entity!: string | null;

  @Field(() => Boolean, {
    description: 'Whether its file has labels; without, it can be scored and not be trained on.',
  })
  readonly isLabelled!: boolean;

  @Field(() => String, { description: 'The name that it was given.' })
  readonly name!: string;

  @Field(() => DatasetState, { description: 'How far it is.' })
  readonly state!: string;

  @Field(() => String, {
    nullable: true,
    description: 'SHA-256 of the file, 64 hexadecimal digits; null until READY.',
  })
  readonly sha256!: string | null;

  @Field(() => SafeInt, { nullable: true, description: 'Size of the file in bytes; null until READY.' })
  readonly bytes!: number | null;

  @Field(() => DatasetFormat, {
    nullable: true,
    description: 'How the file is written, as it was found out; null until READY.',
  })
  readonly format!: DatasetFormat | null;

  @Field(() => SafeInt, {
    nullable: true,
    description: 'Rows of the file, those that cannot be read with them; null until READY.',
  })
  readonly rowCount!: number | null;

  @Field(() => SafeInt, {
    nullable: true,
    description:
      'Rows that were set aside because they cannot be read: when the file was received, then by each newer mapping or configuration once the profile is made, which `mapDataset` begins; null until READY.',
  })
  readonly quarantinedCount!: number | null;

  @Field(() => [QuarantinedRow], {
    nullable: true,
    description:
      'The first rows that were set aside, of those that `quarantinedCount` counts; null until READY.',
  })
  readonly quarantineSample!: readonly QuarantinedRow[] | null;

  @Field(() => [DatasetColumn], {
    nullable: true,
    description: 'The columns in the order of the file; null until READY.',
  })
  readonly columns!: readonly DatasetColumn[] | null;

  @Field(() => DatasetRejection, {
    nullable: true,
    description: 'Why the last file was refused or is gone; null unless REJECTED.',
  })
  readonly rejection!: DatasetRejection | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Where to send the file, a path on this server's origin: `PUT` it as the request's body, with the API key. Null once READY.",
  })
  readonly uploadUrl!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Where to get the file, a path on this server's origin: `GET` with the API key. Null until READY.",
  })
  readonly downloadUrl!: string | null;

  @Field(() => Date, { description: 'When it was announced.' })
  readonly createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When its content was accepted; null until READY.' })
  readonly uploadedAt!: Date | null;

  static from(entity: DatasetEntity): Dataset {
    const ready = entity.state === 'READY';
    return Object.assign(new Dataset(), {
      id: entity.id,
      kind: entity.kind,
      entity: entity.entity,
      isLabelled: entity.isLabelled,
      name: entity.name,
      state: entity.state,
      sha256: entity.sha256,
      bytes: entity.bytes,
      format: entity.format,
      rowCount: entity.rowCount,
      quarantinedCount: entity.quarantinedCount,
      quarantineSample: entity.quarantineSample,
      columns: entity.columns,
      rejection: entity.rejection,
      uploadUrl: ready ? null : uploadUrlOf(entity.id),
      downloadUrl: ready ? `/downloads/datasets/${entity.id}` : null,
      createdAt: entity.createdAt,
      uploadedAt: entity.uploadedAt,
    });
  }
}

/** Where a dataset's file is sent, on this server's origin. */
export function uploadUrlOf(id: string): string {
  return `/uploads/datasets/${id}`;
}

export const DatasetConnection = connectionOf(Dataset, 'Dataset', 'datasets');
