import { createUnionType, Field, Float, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { type ErrorCode as Code } from '../../errors';
import {
  type EventSnapshot as SnapshotEntity,
  SNAPSHOT_STATES,
} from '../../services/events/event-snapshot.entity';
import { connectionOf } from '../connections/connection';
import { QuotaExceeded } from '../quotas/quota-exceeded';
import { DomainKind } from '../domain-kind';
import { enumOf } from '../enum-of';
import { ErrorCode } from '../results/error-code';
import { Conflict, InvalidConfiguration, InvalidInput } from '../results/shared-errors';
import { SafeInt } from '../scalars';

export const SnapshotState = enumOf(SNAPSHOT_STATES);

registerEnumType(SnapshotState, {
  name: 'SnapshotState',
  description: 'How far a snapshot is.',
  valuesConfig: {
    QUEUED: { description: 'It waits for a worker.' },
    RUNNING: { description: 'A worker writes and inspects its file.' },
    SUCCEEDED: { description: 'It became a dataset that is READY.' },
    FAILED: { description: 'It became none, see `error`.' },
  },
});

@ObjectType('SnapshotError', { description: 'Why a snapshot failed.' })
export class SnapshotError {
  @Field(() => ErrorCode, { description: 'What kind of failure it is.' })
  readonly code!: Code;

  @Field(() => String, { description: 'What went wrong and what to do.' })
  readonly message!: string;
}

@ObjectType('EventSnapshot', {
  description:
    'A dataset that is made of stored events: those that were stored when it was asked for, whatever is sent meanwhile. The same events under the same configuration give the same file, byte for byte.',
})
export class EventSnapshot {
  @Field(() => ID, { description: 'Its id.' })
  readonly id!: string;

  @Field(() => DomainKind, { description: 'The domain.' })
  readonly kind!: string;

  @Field(() => String, { description: "The dataset's name." })
  readonly name!: string;

  @Field(() => Date, {
    nullable: true,
    description: 'The earliest moment in it; null: from the first event on.',
  })
  readonly from!: Date | null;

  @Field(() => Date, {
    nullable: true,
    description: 'The first moment that is no longer in it; null: up to the last event.',
  })
  readonly until!: Date | null;

  @Field(() => SafeInt, {
    description:
      'How many events were stored when it was asked for: of these, and no later ones, it is made.',
  })
  readonly watermark!: number;

  @Field(() => SnapshotState, { description: 'How far it is.' })
  readonly state!: string;

  @Field(() => Float, { description: 'The share of the stored events that was gone through, 0 to 1.' })
  readonly progress!: number;

  @Field(() => SafeInt, { description: 'Events written so far.' })
  readonly eventCount!: number;

  @Field(() => SnapshotError, { nullable: true, description: 'Why it failed; null unless FAILED.' })
  readonly error!: SnapshotError | null;

  @Field(() => Date, { description: 'When it was asked for.' })
  readonly requestedAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When a worker first began it.' })
  readonly startedAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it ended.' })
  readonly finishedAt!: Date | null;

  /** The row, for fields that are resolved when asked for. */
  readonly entity!: SnapshotEntity;

  static from(entity: SnapshotEntity): EventSnapshot {
    return Object.assign(new EventSnapshot(), {
      entity,
      id: entity.id,
      kind: entity.kind,
      name: entity.name,
      from: entity.fromAt,
      until: entity.untilAt,
      watermark: entity.watermark,
      state: entity.state,
      progress: entity.position / entity.watermark,
      eventCount: entity.eventCount,
      error: entity.errorCode && { code: entity.errorCode, message: entity.errorMessage ?? '' },
      requestedAt: entity.requestedAt,
      startedAt: entity.startedAt,
      finishedAt: entity.finishedAt,
    });
  }
}

export const EventSnapshotConnection = connectionOf(EventSnapshot, 'EventSnapshot', 'snapshots');

@InputType('SnapshotEventsInput', { description: 'Which events are to become a dataset.' })
export class SnapshotEventsInput {
  @Field(() => DomainKind, { description: 'The domain.' })
  readonly domain!: string;

  @Field(() => String, {
    nullable: true,
    description: "The dataset's name, 1 to 200 characters; one with the moment is made when it is left out.",
  })
  readonly name?: string | null;

  @Field(() => Date, {
    nullable: true,
    description:
      'The earliest moment to be in it. Histories begin there, too. From the first event on when left out.',
  })
  readonly from?: Date | null;

  @Field(() => Date, {
    nullable: true,
    description: 'The first moment that is not to be in it. Up to the last event when left out.',
  })
  readonly until?: Date | null;
}

@ObjectType('SnapshotEventsSuccess', { description: 'The snapshot will be made, whatever process ends.' })
export class SnapshotEventsSuccess {
  @Field(() => EventSnapshot, {
    description: 'The snapshot, QUEUED; ask for it by its id until it has ended.',
  })
  readonly snapshot!: EventSnapshot;
}

export const SnapshotEventsResult = createUnionType({
  name: 'SnapshotEventsResult',
  description:
    'What came of `snapshotEvents`. `Conflict`: no events are stored, or too many snapshots have not ended.',
  types: () => [SnapshotEventsSuccess, InvalidInput, InvalidConfiguration, Conflict, QuotaExceeded] as const,
});
