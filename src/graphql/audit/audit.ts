import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { AUDIT_ACTIONS, AUDIT_OBJECTS, type AuditAction } from '../../platform/audit/actions';
import { type AuditEntry as AuditEntryEntity } from '../../platform/audit/audit-entry.entity';
import { MEMBER_ACTOR } from '../../platform/audit/record-change';
import { ROLES } from '../../platform/tenancy/role';
import { connectionOf } from '../connections/connection';
import { enumOf } from '../enum-of';
import { JsonObject, SafeInt } from '../scalars';

/** What an entry has that a newer version of the platform wrote, while both run. */
const UNKNOWN = 'UNKNOWN';
const FROM_NEWER = 'Something that a newer version of the platform recorded; nothing to filter by.';

const ACTIONS = Object.keys(AUDIT_ACTIONS) as AuditAction[];
export const AuditActionEnum = enumOf([...ACTIONS, UNKNOWN]);
registerEnumType(AuditActionEnum, {
  name: 'AuditAction',
  description: 'What was done.',
  valuesConfig: {
    ...Object.fromEntries(
      ACTIONS.map((action) => [action, { description: AUDIT_ACTIONS[action].description }]),
    ),
    [UNKNOWN]: { description: FROM_NEWER },
  },
});

const OBJECTS = Object.keys(AUDIT_OBJECTS) as (keyof typeof AUDIT_OBJECTS)[];
export const AuditObjectEnum = enumOf([...OBJECTS, UNKNOWN]);
registerEnumType(AuditObjectEnum, {
  name: 'AuditObject',
  description: 'What something was done to.',
  valuesConfig: {
    ...Object.fromEntries(OBJECTS.map((object) => [object, { description: AUDIT_OBJECTS[object] }])),
    [UNKNOWN]: { description: FROM_NEWER },
  },
});

export const AuditActorRole = enumOf([...ROLES, 'SYSTEM' as const]);
registerEnumType(AuditActorRole, {
  name: 'AuditActorRole',
  description: 'Who changes things.',
  valuesConfig: {
    PLATFORM_ADMIN: { description: 'The operator of the platform.' },
    TENANT_ADMIN: { description: 'A key or member that decides for your tenant.' },
    ANALYST: { description: 'A key or member that works with data, runs and models.' },
    SERVICE: { description: 'A key or member that sends events and asks for predictions.' },
    SYSTEM: { description: 'The platform itself, as it was set to.' },
  },
});

export const AuditActorKind = enumOf(['API_KEY', 'MEMBER', 'SYSTEM'] as const);
type ActorKind = keyof typeof AuditActorKind;
registerEnumType(AuditActorKind, {
  name: 'AuditActorKind',
  description: 'What changes things.',
  valuesConfig: {
    API_KEY: { description: 'A program with an API key.' },
    MEMBER: { description: 'A person.' },
    SYSTEM: { description: 'The platform itself.' },
  },
});

@ObjectType('AuditEntry', {
  description:
    "One change in your tenant: who did what to what, when and from where. Entries are never changed or removed, and each one's hash covers the one before.",
})
export class AuditEntry {
  @Field(() => ID, { description: 'Its id.' })
  readonly id!: string;

  @Field(() => SafeInt, { description: '1, 2, 3, …: without a gap, in the order of the changes.' })
  readonly sequence!: number;

  @Field(() => Date, { description: 'When the change was made, to the millisecond.' })
  readonly at!: Date;

  @Field(() => ID, {
    description:
      'Who did it: the id of the API key, or of the member behind `member:`; `system` for the platform itself.',
  })
  readonly actorId!: string;

  @Field(() => AuditActorKind, { description: 'What did it.' })
  readonly actorKind!: ActorKind;

  @Field(() => AuditActorRole, { description: 'The role that the key or member had.' })
  readonly actorRole!: string;

  @Field(() => AuditActionEnum, { description: 'What was done.' })
  readonly action!: string;

  @Field(() => AuditObjectEnum, { description: 'What kind of object it was done to.' })
  readonly objectKind!: string;

  @Field(() => ID, { description: "The object's id." })
  readonly objectId!: string;

  @Field(() => String, {
    description: 'The request, as the header `x-request-id` of its answer and the logs name it.',
  })
  readonly requestId!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The address that the request came from; null when it did not come over the network.',
  })
  readonly ip!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'What the client called itself, at most 256 characters; null when it did not.',
  })
  readonly userAgent!: string | null;

  @Field(() => JsonObject, {
    nullable: true,
    description:
      'What changed, as it was before; null when there was nothing. Never a key. What is longer than 64 KiB is given as `bytes` and `sha256`.',
  })
  readonly before!: object | null;

  @Field(() => JsonObject, { nullable: true, description: 'The same, as it is after the change.' })
  readonly after!: object | null;

  @Field(() => String, {
    description: 'The hash of the entry before, hexadecimal; of the first, 64 zeros.',
  })
  readonly previousHash!: string;

  @Field(() => String, {
    description: 'SHA-256 of `previousHash` and this entry, hexadecimal; docs/audit.md says of which bytes.',
  })
  readonly hash!: string;

  static from(entity: AuditEntryEntity): AuditEntry {
    return Object.assign(new AuditEntry(), {
      id: entity.id,
      sequence: entity.sequence,
      at: entity.at,
      actorId: entity.actorId,
      actorKind: kindOf(entity),
      actorRole: entity.actorRole,
      objectId: entity.objectId,
      requestId: entity.requestId,
      ip: entity.ip,
      userAgent: entity.userAgent,
      before: entity.before,
      after: entity.after,
      action: entity.action in AUDIT_ACTIONS ? entity.action : UNKNOWN,
      objectKind: entity.objectKind in AUDIT_OBJECTS ? entity.objectKind : UNKNOWN,
      previousHash: entity.previousHash.toString('hex'),
      hash: entity.hash.toString('hex'),
    });
  }
}

function kindOf({ actorId, actorRole }: AuditEntryEntity): ActorKind {
  if (actorRole === 'SYSTEM') return 'SYSTEM';
  return actorId.startsWith(MEMBER_ACTOR) ? 'MEMBER' : 'API_KEY';
}

export const AuditEntryConnection = connectionOf(AuditEntry, 'AuditEntry', 'audit entries');

@InputType('AuditFilter', { description: 'Which entries: those that fit everything that is given.' })
export class AuditFilter {
  @Field(() => [AuditActionEnum], { nullable: true, description: 'Any of these actions.' })
  readonly actions?: AuditAction[] | null;

  @Field(() => AuditObjectEnum, { nullable: true, description: 'This kind of object.' })
  readonly objectKind?: keyof typeof AUDIT_OBJECTS | null;

  @Field(() => ID, { nullable: true, description: 'The object with this id.' })
  readonly objectId?: string | null;

  @Field(() => ID, { nullable: true, description: 'The actor with this `actorId`.' })
  readonly actorId?: string | null;

  @Field(() => String, { nullable: true, description: 'This request.' })
  readonly requestId?: string | null;

  @Field(() => Date, { nullable: true, description: 'Not before this moment.' })
  readonly from?: Date | null;

  @Field(() => Date, { nullable: true, description: 'Before this moment.' })
  readonly until?: Date | null;
}
