import { createUnionType, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { type EventOutcome as Outcome, type Ingestion } from '../../services/events/events.service';
import { DomainKind } from '../domain-kind';
import { enumOf } from '../enum-of';
import { FeatureValueInput } from '../prediction/feature-value';
import { Issue } from '../results/issue';
import { QuotaExceeded } from '../quotas/quota-exceeded';
import { InvalidConfiguration, InvalidInput } from '../results/shared-errors';

@InputType('EventInput', { description: 'Something that a subject did, or that happened to it.' })
export class EventInput {
  @Field(() => ID, {
    description:
      'Your own id of the event, unique in the domain, 1 to 200 characters: sending an event again changes nothing. Ids that grow with time, such as UUIDv7, are stored fastest.',
  })
  readonly id!: string;

  @Field(() => ID, {
    description:
      'Whom or what it is about, as predictions name it (`userId`, `accountId`), 1 to 200 characters.',
  })
  readonly subjectId!: string;

  @Field(() => String, {
    description:
      'When it happened: ISO 8601 with an offset, such as `2025-03-21T19:40:00Z`, kept to the millisecond. At most five minutes ahead of the server.',
  })
  readonly at!: string;

  @Field(() => String, {
    description: 'The kind of event, as in the kind column of a file, 1 to 200 characters.',
  })
  readonly kind!: string;

  @Field(() => [FeatureValueInput], {
    nullable: true,
    description:
      "Its other values by the names of a file's columns (`loyalty_tier`, not `loyaltyTier`), at most 256 and 64 KiB. Columns that the configuration does not read are kept for later ones.",
  })
  readonly values?: readonly FeatureValueInput[] | null;
}

@InputType('IngestEventsInput', { description: 'A batch of events of one domain.' })
export class IngestEventsInput {
  @Field(() => DomainKind, {
    description: 'The domain. If it was never configured, it is now, with its defaults.',
  })
  readonly domain!: string;

  @Field(() => [EventInput], { description: 'The events, in any order, at most 1,000.' })
  readonly events!: readonly EventInput[];
}

export const EventState = enumOf(['ACCEPTED', 'DUPLICATE', 'REFUSED'] as const);

registerEnumType(EventState, {
  name: 'EventState',
  description: 'What became of an event.',
  valuesConfig: {
    ACCEPTED: { description: 'It is stored, and in every prediction from now on.' },
    DUPLICATE: { description: 'It was stored before, with the same content; nothing was changed.' },
    REFUSED: { description: 'It was not stored, for the reasons in `issues`; the others of the batch were.' },
  },
});

@ObjectType('EventOutcome', { simpleResolvers: true, description: 'What became of one event of a batch.' })
export class EventOutcome {
  @Field(() => ID, { description: "The event's id." })
  readonly id!: string;

  @Field(() => EventState, { description: 'What became of it.' })
  readonly state!: Outcome['state'];

  @Field(() => [Issue], {
    description: 'Why it was refused, with paths such as `events.3.values.price`; empty unless REFUSED.',
  })
  readonly issues!: readonly Issue[];
}

@ObjectType('IngestEventsSuccess', {
  description:
    'The batch was judged event by event, and what is accepted is committed: accepted + duplicates + refused are the events sent.',
})
export class IngestEventsSuccess {
  @Field(() => Int, { description: 'How many were stored.' })
  readonly accepted!: number;

  @Field(() => Int, { description: 'How many were stored before.' })
  readonly duplicates!: number;

  @Field(() => Int, { description: 'How many were not stored.' })
  readonly refused!: number;

  @Field(() => [EventOutcome], { description: 'What became of each, in the order of the batch.' })
  readonly outcomes!: readonly Outcome[];

  @Field(() => [String], {
    description:
      'Names of values that the configuration in force does not read, at most 100. They are stored, and may be misspelt.',
  })
  readonly unreadColumns!: readonly string[];

  static from({ outcomes, unreadColumns }: Ingestion): IngestEventsSuccess {
    const count = (state: Outcome['state']): number =>
      outcomes.filter((outcome) => outcome.state === state).length;
    return Object.assign(new IngestEventsSuccess(), {
      accepted: count('ACCEPTED'),
      duplicates: count('DUPLICATE'),
      refused: count('REFUSED'),
      outcomes,
      unreadColumns,
    });
  }
}

export const IngestEventsResult = createUnionType({
  name: 'IngestEventsResult',
  description: 'What came of `ingestEvents`. `QuotaExceeded`: nothing of the batch was stored.',
  types: () => [IngestEventsSuccess, InvalidInput, InvalidConfiguration, QuotaExceeded] as const,
});
