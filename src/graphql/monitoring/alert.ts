import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import {
  ALERT_KINDS,
  ALERT_STATES,
  type Alert as Entity,
  type AlertKind as Kind,
  type AlertState as State,
} from '../../services/monitoring/alert.entity';
import { connectionOf } from '../connections/connection';
import { DomainKind } from '../domain-kind';
import { enumOf } from '../enum-of';

export const AlertKind = enumOf(ALERT_KINDS);

registerEnumType(AlertKind, {
  name: 'AlertKind',
  description: 'What an alert is about.',
  valuesConfig: {
    DRIFT: { description: 'What the model that serves is asked, or answers, is other than in its training.' },
    LABEL_DRIFT: { description: 'Outcomes turn out yes more or less often than labels did in training.' },
    LIVE_QUALITY: {
      description: 'Log loss on outcomes is worse than on the test part: their 95 % intervals do not touch.',
    },
    NO_EVENTS: { description: 'A store that has received events has received none for a day.' },
    WEBHOOK_DISABLED: { description: 'A webhook was given up: too many deliveries in a row failed.' },
  },
});

export const AlertState = enumOf(ALERT_STATES);

registerEnumType(AlertState, {
  name: 'AlertState',
  description: 'How what an alert is about stands.',
  valuesConfig: {
    OK: { description: 'As it should be.' },
    WATCH: { description: 'Worth a look.' },
    BAD: { description: 'Something is to be done.' },
  },
});

@ObjectType('Alert', {
  simpleResolvers: true,
  description: 'Something that is watched has changed its state.',
})
export class Alert {
  @Field(() => ID, { description: 'Its id.' })
  readonly id!: string;

  @Field(() => DomainKind, { nullable: true, description: 'The domain; null of what is about none.' })
  readonly domain!: string | null;

  @Field(() => AlertKind, { description: 'What it is about.' })
  readonly kind!: Kind;

  @Field(() => AlertState, { description: 'How it stood before.' })
  readonly from!: State;

  @Field(() => AlertState, { description: 'How it stands; OK: it is over.' })
  readonly to!: State;

  @Field(() => String, { description: 'What was found, for people.' })
  readonly message!: string;

  @Field(() => ID, { nullable: true, description: 'The model version that it is about.' })
  readonly modelVersionId!: string | null;

  @Field(() => Date, { description: 'When it was raised.' })
  readonly raisedAt!: Date;

  static from({ id, domain, kind, from, to, message, modelVersionId, raisedAt }: Entity): Alert {
    return Object.assign(new Alert(), { id, domain, kind, from, to, message, modelVersionId, raisedAt });
  }
}

export const AlertConnection = connectionOf(Alert, 'Alert', 'alerts');
