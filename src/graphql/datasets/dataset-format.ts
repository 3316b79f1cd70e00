import { Field, InputType, ObjectType, registerEnumType } from 'type-graphql';
import {
  COMPRESSIONS,
  type Compression as CompressionName,
  type DeclaredFormat,
  FILE_TYPES,
  type FileFormat,
  type FileType as FileTypeName,
} from '../../learning/preparation/formats/file-format';
import { enumOf } from '../enum-of';

export const FileType = enumOf(FILE_TYPES);

registerEnumType(FileType, {
  name: 'FileType',
  description: 'What a file is made of.',
  valuesConfig: {
    CSV: { description: 'Lines of delimited fields, UTF-8, quoted as RFC 4180 says; TSV as well.' },
    JSON_LINES: {
      description:
        'One JSON object per line, UTF-8. Members of nested objects become columns named by their path, such as `item.price`; arrays stay one value, as text. A missing member and null are a missing value.',
    },
    PARQUET: {
      description:
        'Apache Parquet. Members of structs become columns named by their path, such as `item.price`; lists and maps stay one value, as JSON.',
    },
  },
});

export const Compression = enumOf(COMPRESSIONS);

registerEnumType(Compression, {
  name: 'Compression',
  description: 'How a file is compressed as a whole.',
  valuesConfig: {
    NONE: { description: 'Not at all.' },
    GZIP: { description: 'gzip.' },
    ZSTD: { description: 'Zstandard, with a window of at most 128 MiB and no dictionary.' },
  },
});

const DELIMITER =
  'The character between fields; a space stands for runs of blanks, as in files aligned for reading.';

@InputType('DatasetFormatInput', {
  description:
    'How the file is written. What is left out is found out from the content; a file that contradicts it is refused. Compression is always found out.',
})
export class DatasetFormatInput implements DeclaredFormat {
  @Field(() => FileType, { nullable: true, description: 'What the file is made of.' })
  readonly type?: FileTypeName | null;

  @Field(() => String, {
    nullable: true,
    description: `${DELIMITER} One ASCII character, no letter, digit or quote. Of CSV only.`,
  })
  readonly delimiter?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether the first line holds the names of the columns. Of CSV only.',
  })
  readonly hasHeader?: boolean | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'The names of all columns in the order of the file, 1 to 4096, each once; without them they are those of the header, or column1, column2 and so on. With them, a first line is only taken for a header when `hasHeader` says so or it has these very names. Of CSV only.',
  })
  readonly columns?: string[] | null;
}

@ObjectType('DatasetFormat', { description: "How a dataset's file is written, as it was found out." })
export class DatasetFormat implements FileFormat {
  @Field(() => FileType, { description: 'What it is made of.' })
  readonly type!: FileTypeName;

  @Field(() => Compression, { description: 'How it is compressed.' })
  readonly compression!: CompressionName;

  @Field(() => String, { nullable: true, description: `${DELIMITER} Null unless CSV.` })
  readonly delimiter!: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether its first line holds names of columns. Null unless CSV.',
  })
  readonly hasHeader!: boolean | null;

  @Field(() => [String], {
    nullable: true,
    description: 'The names of the columns, where they were given with `createDataset`.',
  })
  readonly columns!: string[] | null;
}
