import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { type CellValue } from '../../learning/preparation/stored-event';
import { type ListedEvent, type StoreSummary } from '../../services/events/events.service';
import { connectionOf } from '../connections/connection';
import { DomainKind } from '../domain-kind';
import { SafeInt } from '../scalars';

@ObjectType('EventValue', { description: 'A value of an event: one of `number`, `text` and `boolean`.' })
export class EventValue {
  @Field(() => String, { description: "The name of a file's column." })
  readonly name!: string;

  @Field(() => Float, { nullable: true, description: 'The value, if it is a number.' })
  readonly number!: number | null;

  @Field(() => String, { nullable: true, description: 'The value, if it is a text.' })
  readonly text!: string | null;

  @Field(() => Boolean, { nullable: true, description: 'The value, if it is true or false.' })
  readonly boolean!: boolean | null;

  static of(name: string, value: CellValue): EventValue {
    return Object.assign(new EventValue(), {
      name,
      number: typeof value === 'number' ? value : null,
      text: typeof value === 'string' ? value : null,
      boolean: typeof value === 'boolean' ? value : null,
    });
  }
}

@ObjectType('Event', { description: 'An event as it is stored. Events never change.' })
export class Event {
  @Field(() => ID, { description: "The sender's id of it." })
  readonly id!: string;

  @Field(() => ID, { description: 'Whom or what it is about.' })
  readonly subjectId!: string;

  @Field(() => Date, { description: 'When it happened.' })
  readonly at!: Date;

  @Field(() => String, { description: 'The kind of event.' })
  readonly kind!: string;

  @Field(() => [EventValue], { description: 'Its other values, by name; missing ones are absent.' })
  readonly values!: readonly EventValue[];

  @Field(() => Date, { description: 'When it was accepted.' })
  readonly receivedAt!: Date;

  static from({ id, subjectId, at, kind, cells, receivedAt }: ListedEvent): Event {
    const names = Object.keys(cells).sort();
    return Object.assign(new Event(), {
      id,
      subjectId,
      at,
      kind,
      values: names.flatMap((name) => {
        const value = cells[name];
        return value === undefined ? [] : [EventValue.of(name, value)];
      }),
      receivedAt,
    });
  }
}

export const EventConnection = connectionOf(Event, 'Event', 'events');

@ObjectType('EventKindSummary', { description: 'The stored events of one kind.' })
export class EventKindSummary {
  @Field(() => String, { description: 'The kind of event.' })
  readonly kind!: string;

  @Field(() => SafeInt, { description: 'How many there are.' })
  readonly count!: number;

  @Field(() => Date, { description: 'The moment of the earliest.' })
  readonly from!: Date;

  @Field(() => Date, { description: 'The moment of the latest.' })
  readonly to!: Date;
}

@ObjectType('EventLag', {
  simpleResolvers: true,
  description:
    "How long after its moment an event was accepted, which is when predictions see it. Negative where a sender's clock is ahead.",
})
export class EventLag {
  @Field(() => Int, { description: 'Of how many events: the last ones accepted, at most 1,000.' })
  readonly events!: number;

  @Field(() => Float, { description: 'The lag that half of them do not exceed, in milliseconds.' })
  readonly medianMs!: number;

  @Field(() => Float, { description: 'The lag that 95 % of them do not exceed, in milliseconds.' })
  readonly p95Ms!: number;

  @Field(() => Float, { description: 'The longest lag, in milliseconds.' })
  readonly maxMs!: number;
}

@ObjectType('EventStore', { description: 'What is stored of the events of one domain.' })
export class EventStore {
  @Field(() => DomainKind, { description: 'The domain.' })
  readonly domain!: string;

  @Field(() => SafeInt, { description: 'How many events there are.' })
  readonly count!: number;

  @Field(() => Date, { nullable: true, description: 'The moment of the earliest; null when there are none.' })
  readonly from!: Date | null;

  @Field(() => Date, { nullable: true, description: 'The moment of the latest; null when there are none.' })
  readonly to!: Date | null;

  @Field(() => Date, {
    nullable: true,
    description: 'When an event was last accepted; null when there are none.',
  })
  readonly lastReceivedAt!: Date | null;

  @Field(() => Int, { description: 'How many kinds of events there are.' })
  readonly kindCount!: number;

  @Field(() => [EventKindSummary], { description: 'Each kind, the most frequent first, at most 100.' })
  readonly kinds!: readonly EventKindSummary[];

  @Field(() => EventLag, {
    nullable: true,
    description: 'How fresh the last events are when they arrive; null when there are none.',
  })
  readonly lag!: EventLag | null;

  static from(domain: string, summary: StoreSummary): EventStore {
    return Object.assign(new EventStore(), { domain, ...summary });
  }
}
