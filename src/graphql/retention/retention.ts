import { createUnionType, Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { RETENTION_KINDS, type RetentionKind as Kind } from '../../services/retention/retention-kinds';
import { enumOf } from '../enum-of';
import { InvalidInput } from '../results/shared-errors';
import { SafeInt } from '../scalars';

export const RetentionKind = enumOf(RETENTION_KINDS);
registerEnumType(RetentionKind, {
  name: 'RetentionKind',
  description: 'What is kept for a period that you set. Recorded predictions have theirs in `predictionLog`.',
  valuesConfig: {
    EXPORTS: { description: 'Files of everything about a subject; 7 days unless it was set.' },
    EVENTS: {
      description:
        'Stored events, by their own moment `at`, the oldest first, with what indexes and counts have of them. Histories and features looked up afterwards lack them; snapshots that were made before keep them.',
    },
    DATASETS: {
      description:
        'Files that were uploaded, with what was found out about them, from when they were accepted. The dataset stays and becomes REJECTED. Files that an open job reads, and the newest of each entity, are kept.',
    },
    SNAPSHOTS: { description: 'Files that were made of stored events, likewise.' },
    SCORINGS: {
      description: 'Files of batch scorings, from their end. The scoring and its accounting stay.',
    },
    REFUSED_ROWS: {
      description:
        'Files of rows that were set aside: of batch scorings from their end, and of datasets from when they were profiled. Those of a dataset are made again when they are asked for.',
    },
    ALERTS: { description: 'Alerts and their deliveries, from when they were raised.' },
    DRIFT_REPORTS: { description: 'Reports of drift, from when they were computed.' },
    RUN_LOGS: {
      description: 'Lines of the logs of trainings that have ended, from when they were said. The runs stay.',
    },
  },
});

@ObjectType('RetentionRemoval', { description: 'What the platform removed at once.' })
export class RetentionRemoval {
  @Field(() => Date, { description: 'When.' })
  readonly at!: Date;

  @Field(() => SafeInt, { description: 'How many events, datasets, scorings, reports and so on.' })
  readonly count!: number;

  @Field(() => SafeInt, { description: 'Size of their files in bytes; 0 of what has none.' })
  readonly bytes!: number;
}

@ObjectType('RetentionPeriod', { description: 'For how long your tenant keeps what, and what follows.' })
export class RetentionPeriod {
  @Field(() => RetentionKind, { description: 'What is kept.' })
  readonly kind!: Kind;

  @Field(() => Int, { nullable: true, description: 'For how many days; null: for ever.' })
  readonly days!: number | null;

  @Field(() => Boolean, { description: 'Whether you set it; no: it is the default.' })
  readonly isSet!: boolean;

  @Field(() => Date, {
    nullable: true,
    description: 'Since when the oldest is kept that can go; null when there is none.',
  })
  readonly oldestAt!: Date | null;

  @Field(() => Date, {
    nullable: true,
    description: 'When the oldest is to go: it does within the hour after; null: nothing is to go.',
  })
  readonly nextRemovalAt!: Date | null;

  @Field(() => [RetentionRemoval], {
    description:
      'The latest 10 removals, the last first. All are in `auditLog` with the action RETENTION_ENFORCED.',
  })
  readonly removals!: readonly RetentionRemoval[];
}

@InputType('RetentionPeriodInput', { description: 'For how long to keep what.' })
export class RetentionPeriodInput {
  @Field(() => RetentionKind, { description: 'What is kept.' })
  readonly kind!: Kind;

  @Field(() => Int, {
    nullable: true,
    description: 'For how many days, 1 to 3650; null or left out: the default again.',
  })
  readonly days?: number | null;
}

@InputType('SetRetentionInput', { description: 'Kinds that are left out stay as they are.' })
export class SetRetentionInput {
  @Field(() => [RetentionPeriodInput], { description: 'The periods, each kind once; one entry or more.' })
  readonly periods!: RetentionPeriodInput[];
}

@ObjectType('SetRetentionSuccess', { description: 'It is in force.' })
export class SetRetentionSuccess {
  @Field(() => [RetentionPeriod], { description: 'The periods of all kinds from now on.' })
  readonly retention!: readonly RetentionPeriod[];
}

export const SetRetentionResult = createUnionType({
  name: 'SetRetentionResult',
  description: 'What came of `setRetention`.',
  types: () => [SetRetentionSuccess, InvalidInput] as const,
});
