import { createUnionType, Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { type ErrorCode as Code } from '../../errors';
import {
  type ExportResult,
  MODEL_TREATMENTS,
  type ModelTreatment as Treatment,
  SUBJECT_REQUEST_STATES,
  SUBJECT_REQUEST_TYPES,
  type SubjectRequest as RequestEntity,
} from '../../services/privacy/subject-request.entity';
import { type SignedReceipt } from '../../services/privacy/erasure/receipt';
import { connectionOf } from '../connections/connection';
import { DomainKind } from '../domain-kind';
import { enumOf } from '../enum-of';
import { ErrorCode } from '../results/error-code';
import { InvalidInput } from '../results/shared-errors';
import { SafeInt } from '../scalars';
import { ErasureReceipt } from './erasure-receipt';

export const SubjectRequestType = enumOf(SUBJECT_REQUEST_TYPES);
registerEnumType(SubjectRequestType, {
  name: 'SubjectRequestType',
  description: 'What was asked of the data about a subject.',
  valuesConfig: {
    EXPORT: { description: 'A file of everything about it.' },
    ERASURE: { description: 'Its erasure.' },
  },
});

export const SubjectRequestState = enumOf(SUBJECT_REQUEST_STATES);
registerEnumType(SubjectRequestState, {
  name: 'SubjectRequestState',
  description: 'How far a request is.',
  valuesConfig: {
    QUEUED: { description: 'It waits for a worker, or for jobs to end that began with the data.' },
    RUNNING: { description: 'A worker does it.' },
    SUCCEEDED: { description: 'It is done.' },
    FAILED: { description: 'It could not be done, see `error`.' },
  },
});

export const ModelTreatment = enumOf(MODEL_TREATMENTS);
registerEnumType(ModelTreatment, {
  name: 'ModelTreatment',
  description: 'What is to become of the model versions that were trained on an erased subject.',
  valuesConfig: {
    KEEP: { description: 'They stay, on the legal ground that is given.' },
    RETIRE: {
      description:
        'They are retired: they serve no more, cannot be promoted, and their files are deleted. The version that served before and may, serves again.',
    },
    RETRAIN: {
      description:
        'A training on the files without the subject is asked for, one for each dataset, and they are retired. One that serves goes on until another is promoted.',
    },
  },
});

@ObjectType('SubjectRequestError', { description: 'Why a request failed.' })
export class SubjectRequestError {
  @Field(() => ErrorCode, { description: 'What kind of failure it is.' })
  readonly code!: Code;

  @Field(() => String, { description: 'What went wrong and what to do.' })
  readonly message!: string;
}

@ObjectType('ExportedRecords', { description: 'How many records of one kind an export holds.' })
export class ExportedRecords {
  @Field(() => String, {
    description:
      'The `kind` of the lines: EVENT, INDEX, DATASET_ROW, HELD_OUT_PREDICTION, SCORE or PREDICTION, which has its outcome.',
  })
  readonly kind!: string;

  @Field(() => SafeInt, { description: 'How many.' })
  readonly count!: number;
}

@ObjectType('SubjectExport', { description: 'A file of everything about a subject: JSON Lines.' })
export class SubjectExport {
  @Field(() => String, {
    nullable: true,
    description: 'Where to fetch it, with a key of the role TENANT_ADMIN; null once it is gone.',
  })
  readonly downloadUrl!: string | null;

  @Field(() => SafeInt, { description: 'Its size.' })
  readonly bytes!: number;

  @Field(() => [ExportedRecords], { description: 'What it holds.' })
  readonly records!: readonly ExportedRecords[];

  @Field(() => Date, { nullable: true, description: 'When it is deleted; null once it is gone.' })
  readonly expiresAt!: Date | null;
}

@ObjectType('SubjectRequest', {
  description:
    'What was asked of the data about a subject. Whose it is, it says by a pseudonym alone, which is the same for the same subject of your tenant.',
})
export class SubjectRequest {
  @Field(() => ID, { description: 'Its id.' })
  readonly id!: string;

  @Field(() => SubjectRequestType, { description: 'What was asked for.' })
  readonly type!: string;

  @Field(() => String, { description: 'What stands for the subject.' })
  readonly pseudonym!: string;

  @Field(() => [DomainKind], { description: 'The domains that it is about.' })
  readonly domains!: readonly string[];

  @Field(() => SubjectRequestState, { description: 'How far it is.' })
  readonly state!: string;

  @Field(() => SubjectRequestError, { nullable: true, description: 'Why it failed; null unless FAILED.' })
  readonly error!: SubjectRequestError | null;

  @Field(() => SubjectExport, { nullable: true, description: 'Of an export that is made: the file.' })
  readonly export!: SubjectExport | null;

  @Field(() => ErasureReceipt, { nullable: true, description: 'Of an erasure that is done: its receipt.' })
  readonly receipt!: ErasureReceipt | null;

  @Field(() => Date, { description: 'When it was asked for.' })
  readonly requestedAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When a worker first began it.' })
  readonly startedAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it ended.' })
  readonly finishedAt!: Date | null;

  static from(entity: RequestEntity): SubjectRequest {
    const { id, type, pseudonym, domains, state, requestedAt, startedAt, finishedAt } = entity;
    return Object.assign(new SubjectRequest(), {
      ...{ id, type, pseudonym, domains, state, requestedAt, startedAt, finishedAt },
      error: entity.errorCode && { code: entity.errorCode, message: entity.errorMessage ?? '' },
      export: type === 'EXPORT' && entity.result ? exportOf(entity, entity.result as ExportResult) : null,
      receipt:
        type === 'ERASURE' && entity.result ? ErasureReceipt.from(entity.result as SignedReceipt) : null,
    });
  }
}

function exportOf({ id, expiresAt }: RequestEntity, { sha256, bytes, records }: ExportResult): SubjectExport {
  return Object.assign(new SubjectExport(), {
    downloadUrl: sha256 === null ? null : `/downloads/subject-requests/${id}/export.jsonl`,
    bytes,
    records: Object.entries(records).map(([kind, count]) => ({ kind, count })),
    expiresAt: sha256 === null ? null : expiresAt,
  });
}

export const SubjectRequestConnection = connectionOf(SubjectRequest, 'SubjectRequest', 'requests');

@InputType('ExportSubjectInput', { description: 'Whose data is to be collected.' })
export class ExportSubjectInput {
  @Field(() => ID, { description: "The subject's id, as events and files have it." })
  readonly subjectId!: string;

  @Field(() => DomainKind, { nullable: true, description: 'The domain; all domains when it is left out.' })
  readonly domain?: string | null;
}

@InputType('EraseSubjectInput', { description: 'Who is to be erased.' })
export class EraseSubjectInput {
  @Field(() => ID, { description: "The subject's id, as events and files have it." })
  readonly subjectId!: string;

  @Field(() => DomainKind, { nullable: true, description: 'The domain; all domains when it is left out.' })
  readonly domain?: string | null;

  @Field(() => ModelTreatment, {
    description: 'What becomes of the model versions that were trained on the subject.',
  })
  readonly models!: Treatment;

  @Field(() => String, {
    nullable: true,
    description:
      'Why models may be kept, 1 to 1,000 characters; it stands in the receipt. Needed with KEEP, and only there. Name no person in it.',
  })
  readonly legalGround?: string | null;
}

@InputType('AllowSubjectInput', { description: 'Who may come back.' })
export class AllowSubjectInput {
  @Field(() => ID, { description: "The subject's id." })
  readonly subjectId!: string;

  @Field(() => DomainKind, { nullable: true, description: 'The domain; all domains when it is left out.' })
  readonly domain?: string | null;
}

@ObjectType('ExportSubjectSuccess', { description: 'The export will be made, whatever process ends.' })
export class ExportSubjectSuccess {
  @Field(() => SubjectRequest, {
    description: 'The request, QUEUED; ask for it by its id until it has ended.',
  })
  readonly request!: SubjectRequest;
}

@ObjectType('EraseSubjectSuccess', {
  description:
    'Nothing about the subject is taken any more from now on, and what there is will be erased, whatever process ends.',
})
export class EraseSubjectSuccess {
  @Field(() => SubjectRequest, {
    description: 'The request, QUEUED; ask for it by its id until it has ended.',
  })
  readonly request!: SubjectRequest;
}

@ObjectType('AllowSubjectSuccess', { description: 'The subject may come back.' })
export class AllowSubjectSuccess {
  @Field(() => [DomainKind], { description: 'The domains in which it was erased and may come back.' })
  readonly domains!: readonly string[];
}

export const ExportSubjectResult = createUnionType({
  name: 'ExportSubjectResult',
  description: 'What came of `exportSubject`.',
  types: () => [ExportSubjectSuccess, InvalidInput] as const,
});

export const EraseSubjectResult = createUnionType({
  name: 'EraseSubjectResult',
  description: 'What came of `eraseSubject`.',
  types: () => [EraseSubjectSuccess, InvalidInput] as const,
});

export const AllowSubjectResult = createUnionType({
  name: 'AllowSubjectResult',
  description: 'What came of `allowSubject`.',
  types: () => [AllowSubjectSuccess, InvalidInput] as const,
});
