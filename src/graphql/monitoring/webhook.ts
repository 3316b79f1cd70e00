import { createUnionType, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { type AlertKind as Kind } from '../../services/monitoring/alert.entity';
import {
  DELIVERY_STATES,
  type DeliveryState as State,
  type WebhookDelivery as DeliveryEntity,
} from '../../services/monitoring/webhooks/webhook-delivery.entity';
import { type Webhook as Entity } from '../../services/monitoring/webhooks/webhook.entity';
import { connectionOf } from '../connections/connection';
import { enumOf } from '../enum-of';
import { Conflict, InvalidInput } from '../results/shared-errors';
import { AlertKind } from './alert';

@ObjectType('Webhook', { simpleResolvers: true, description: 'Where alerts of your tenant are sent.' })
export class Webhook {
  @Field(() => ID, { description: 'Its id.' })
  readonly id!: string;

  @Field(() => String, { description: 'What is called.' })
  readonly url!: string;

  @Field(() => [AlertKind], { description: 'The alerts that are sent; empty: all.' })
  readonly events!: readonly Kind[];

  @Field(() => Date, { description: 'When it was made.' })
  readonly createdAt!: Date;

  @Field(() => Int, { description: 'Deliveries in a row that were given up.' })
  readonly failures!: number;

  @Field(() => Date, {
    nullable: true,
    description:
      'When it was given up, after 5 failed deliveries in a row; null while it works. `setWebhook` with its URL lets it work again.',
  })
  readonly disabledAt!: Date | null;

  static from({ id, url, events, createdAt, failures, disabledAt }: Entity): Webhook {
    return Object.assign(new Webhook(), { id, url, events, createdAt, failures, disabledAt });
  }
}

export const DeliveryState = enumOf(DELIVERY_STATES);

registerEnumType(DeliveryState, {
  name: 'DeliveryState',
  description: 'How far a delivery is.',
  valuesConfig: {
    PENDING: { description: 'It is to be tried, for the first time or again.' },
    DELIVERED: { description: 'It was answered with a status from 200 to 299.' },
    FAILED: { description: 'It was given up.' },
  },
});

@ObjectType('WebhookDelivery', { simpleResolvers: true, description: 'An alert on its way to a webhook.' })
export class WebhookDelivery {
  @Field(() => ID, {
    description: 'Its id, which the receiver sees as `id` and as the header `propensity-delivery`.',
  })
  readonly id!: string;

  @Field(() => ID, { description: 'The alert.' })
  readonly alertId!: string;

  @Field(() => DeliveryState, { description: 'How far it is.' })
  readonly state!: State;

  @Field(() => Int, { description: 'How often it was tried, 8 times at most.' })
  readonly attempts!: number;

  @Field(() => Date, { nullable: true, description: 'When it is tried next; null when it has ended.' })
  readonly nextAttemptAt!: Date | null;

  @Field(() => Int, { nullable: true, description: 'The status of the last answer; null when none came.' })
  readonly status!: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'What went wrong in the last attempt; null when nothing did.',
  })
  readonly error!: string | null;

  @Field(() => Date, { description: 'When it was to be sent first.' })
  readonly createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it was taken or given up.' })
  readonly endedAt!: Date | null;

  static from(entity: DeliveryEntity): WebhookDelivery {
    const { id, alertId, state, attempts, nextAttemptAt, status, error, createdAt, endedAt } = entity;
    return Object.assign(new WebhookDelivery(), {
      ...{ id, alertId, state, attempts, status, error, createdAt, endedAt },
      nextAttemptAt: state === 'PENDING' ? nextAttemptAt : null,
    });
  }
}

export const WebhookDeliveryConnection = connectionOf(WebhookDelivery, 'WebhookDelivery', 'deliveries');

@InputType('SetWebhookInput', { description: 'Where alerts are to be sent.' })
export class SetWebhookInput {
  @Field(() => String, {
    description:
      'An https URL on the public internet, without name and password. One that is known is changed.',
  })
  readonly url!: string;

  @Field(() => [AlertKind], { nullable: true, description: 'Which alerts; left out or empty: all.' })
  readonly events?: readonly Kind[] | null;
}

@ObjectType('SetWebhookSuccess', { description: 'Alerts are sent there from now on.' })
export class SetWebhookSuccess {
  @Field(() => Webhook, { description: 'The webhook.' })
  readonly webhook!: Webhook;

  @Field(() => String, {
    nullable: true,
    description:
      'What deliveries are signed with. Shown this once, when the webhook is new: keep it. Else null.',
  })
  readonly secret!: string | null;
}

export const SetWebhookResult = createUnionType({
  name: 'SetWebhookResult',
  description: 'What came of `setWebhook`. `Conflict`: there are 20 already.',
  types: () => [SetWebhookSuccess, InvalidInput, Conflict] as const,
});

@InputType('DeleteWebhookInput', { description: 'Which webhook.' })
export class DeleteWebhookInput {
  @Field(() => ID, { description: 'Its id.' })
  readonly webhookId!: string;
}

@ObjectType('DeleteWebhookSuccess', {
  description: 'Nothing is sent there any more; its deliveries are deleted.',
})
export class DeleteWebhookSuccess {
  @Field(() => Webhook, { description: 'As it was.' })
  readonly webhook!: Webhook;
}

export const DeleteWebhookResult = createUnionType({
  name: 'DeleteWebhookResult',
  description: 'What came of `deleteWebhook`.',
  types: () => [DeleteWebhookSuccess] as const,
});
