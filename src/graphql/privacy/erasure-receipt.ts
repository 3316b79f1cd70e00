import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import {
  type ReceiptContent,
  type SignedReceipt,
  VERSION_OUTCOMES,
} from '../../services/privacy/erasure/receipt';
import { DomainKind } from '../domain-kind';
import { enumOf } from '../enum-of';
import { SafeInt } from '../scalars';

export const VersionOutcome = enumOf(VERSION_OUTCOMES);
registerEnumType(VersionOutcome, {
  name: 'VersionOutcome',
  description: 'What became of a model version that was trained on an erased subject.',
  valuesConfig: {
    KEPT: { description: 'It is as it was, on the legal ground that is named.' },
    RETIRED: { description: 'It serves no more, and its files are deleted.' },
    RETRAINING: {
      description: 'It is retired, and a training on the files without the subject was asked for.',
    },
  },
});

@ObjectType('RemovedData', { description: 'What was removed of one kind of data.' })
export class RemovedData {
  @Field(() => String, {
    description:
      'EVENTS; INDEX_ENTRIES by other keys than the subject; DATASET_ROWS; BROKEN_LINES: lines that are no rows and name the subject; HELD_OUT_PREDICTIONS; SCORES; PREDICTIONS; OUTCOMES; EXPORTS.',
  })
  readonly what!: string;

  @Field(() => SafeInt, { description: 'How many.' })
  readonly count!: number;
}

@ObjectType('ErasedDatasetRows', { description: 'Rows of the subject in one dataset.' })
export class ErasedDatasetRows {
  @Field(() => ID, { description: "The dataset's id." })
  readonly datasetId!: string;

  @Field(() => SafeInt, { description: 'Rows of its file that were the subject’s.' })
  readonly rows!: number;
}

@ObjectType('AffectedVersion', {
  description:
    'A model version whose training read rows of the subject, or started from the weights of one that did, and what became of it.',
})
export class AffectedVersion {
  @Field(() => ID, { description: "The version's id." })
  readonly modelVersionId!: string;

  @Field(() => DomainKind, { description: 'The domain.' })
  readonly domain!: string;

  @Field(() => Int, { description: 'Its number among the versions of the domain.' })
  readonly number!: number;

  @Field(() => ID, { description: 'The training that brought it forth.' })
  readonly trainingRunId!: string;

  @Field(() => [ErasedDatasetRows], {
    description: 'The files that it was trained on, with the subject’s rows.',
  })
  readonly datasets!: readonly ErasedDatasetRows[];

  @Field(() => ID, {
    nullable: true,
    description:
      'The version whose weights it started from, where that is among these and none of its own files held rows of the subject; else null.',
  })
  readonly inheritedFrom?: string | null;

  @Field(() => VersionOutcome, { description: 'What became of it.' })
  readonly outcome!: string;

  @Field(() => String, { nullable: true, description: 'Of one that was kept: on which ground.' })
  readonly legalGround!: string | null;

  @Field(() => ID, { nullable: true, description: 'Of one that is retrained: the training.' })
  readonly retrainedBy!: string | null;

  @Field(() => Boolean, {
    description: 'It served at that moment, and does so until another version is promoted.',
  })
  readonly servesUntilReplaced!: boolean;

  @Field(() => String, { nullable: true, description: 'Where it could not be done as was asked: why.' })
  readonly remark!: string | null;
}

@ObjectType('ErasureReceipt', {
  description:
    'What was erased, of whom, when, and what became of the models. `document` is to the letter what was signed; the other fields are read from it. `npm run verify:receipt` checks one.',
})
export class ErasureReceipt {
  @Field(() => String, { description: 'JSON of the whole receipt, as it was signed.' })
  readonly document!: string;

  @Field(() => String, { description: "Ed25519 (RFC 8032) of the document's UTF-8 bytes, base64." })
  readonly signature!: string;

  @Field(() => String, { description: 'Of the key that signed; `privacySigningKey` gives it.' })
  readonly keyId!: string;

  @Field(() => String, { description: 'The key that signed: PEM, SubjectPublicKeyInfo.' })
  readonly publicKey!: string;

  @Field(() => Date, { description: 'When the last of it was erased.' })
  readonly completedAt!: Date;

  @Field(() => [RemovedData], { description: 'What was removed.' })
  readonly removed!: readonly RemovedData[];

  @Field(() => [AffectedVersion], {
    description: 'Every version that was trained on the subject, and all that started from one of those.',
  })
  readonly modelVersions!: readonly AffectedVersion[];

  static from(receipt: SignedReceipt): ErasureReceipt {
    // The platform wrote it.
    const { completedAt, removed, modelVersions } = JSON.parse(receipt.document) as ReceiptContent;
    return Object.assign(new ErasureReceipt(), {
      ...receipt,
      completedAt: new Date(completedAt),
      removed,
      modelVersions,
    });
  }
}

@ObjectType('PrivacySigningKey', { description: 'The key by which receipts can be checked.' })
export class PrivacySigningKey {
  @Field(() => String, { description: 'The first 16 hexadecimal digits of its SHA-256 (DER).' })
  readonly keyId!: string;

  @Field(() => String, { description: 'Ed25519, PEM, SubjectPublicKeyInfo.' })
  readonly publicKey!: string;
}
