import { createUnionType, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import {
  PROMOTE_RULES,
  type PromoteRule as Rule,
  type RetrainingSchedule as Entity,
} from '../../services/schedules/retraining-schedule.entity';
import {
  type Retraining as RetrainingEntity,
  RETRAINING_REASONS,
  RETRAINING_STATES,
  type RetrainingReason as Reason,
  type RetrainingState as State,
} from '../../services/schedules/retraining.entity';
import { connectionOf } from '../connections/connection';
import { DomainKind } from '../domain-kind';
import { enumOf } from '../enum-of';
import { InvalidInput } from '../results/shared-errors';
import { type StartRule } from '../../services/training/start-version';
import { StartFrom } from '../training/start-from';

export const PromoteRule = enumOf(PROMOTE_RULES);

registerEnumType(PromoteRule, {
  name: 'PromoteRule',
  description: 'Whether what a schedule has trained is made the version that serves.',
  valuesConfig: {
    NEVER: { description: 'Only by `promoteModel`.' },
    IF_BETTER: {
      description:
        'When its log loss on the examples that neither version was fitted on is lower than that of the version that serves, by the paired test of `compareModels` at 5 %.',
    },
  },
});

@ObjectType('RetrainingSchedule', { simpleResolvers: true, description: 'When a domain is trained again.' })
export class RetrainingSchedule {
  @Field(() => ID, { description: 'Its id.' })
  readonly id!: string;

  @Field(() => DomainKind, { description: 'The domain; it has one schedule at most.' })
  readonly domain!: string;

  @Field(() => String, { nullable: true, description: 'The cron expression; null: only on drift.' })
  readonly cron!: string | null;

  @Field(() => String, { description: 'By whose clocks, such as `Europe/Berlin`.' })
  readonly timeZone!: string;

  @Field(() => Boolean, { description: 'Whether drift has it trained, too.' })
  readonly onDrift!: boolean;

  @Field(() => Int, { description: 'Hours after any start before drift may start another.' })
  readonly coolDownHours!: number;

  @Field(() => ID, {
    nullable: true,
    description: 'What it is trained on; null: a snapshot of the stored events.',
  })
  readonly datasetId!: string | null;

  @Field(() => PromoteRule, { description: 'Whether the outcome is promoted.' })
  readonly promote!: Rule;

  @Field(() => StartFrom, {
    description:
      'Whose weights its trainings start from. With CHAMPION, they start from drawn ones where none serves, or where it cannot be started from.',
  })
  readonly startFrom!: StartRule;

  @Field(() => Date, {
    nullable: true,
    description: 'When the cron expression is due next; null without one.',
  })
  readonly nextAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it last started one; null before the first.' })
  readonly lastStartedAt!: Date | null;

  static from(entity: Entity): RetrainingSchedule {
    const { id, domain, cron, timeZone, onDrift, coolDownHours, datasetId } = entity;
    const { promote, startFrom, nextAt, lastStartedAt } = entity;
    return Object.assign(new RetrainingSchedule(), {
      ...{ id, domain, cron, timeZone, onDrift, coolDownHours, datasetId },
      ...{ promote, startFrom, nextAt, lastStartedAt },
    });
  }
}

export const RetrainingReason = enumOf(RETRAINING_REASONS);

registerEnumType(RetrainingReason, {
  name: 'RetrainingReason',
  description: 'Why a domain was trained again.',
  valuesConfig: {
    CRON: { description: 'Its time had come.' },
    DRIFT: { description: 'The last drift report said DRIFTED.' },
  },
});

export const RetrainingState = enumOf(RETRAINING_STATES);

registerEnumType(RetrainingState, {
  name: 'RetrainingState',
  description: 'How far a retraining is.',
  valuesConfig: {
    PREPARING: { description: 'Its dataset is made, or its training asked for.' },
    TRAINING: { description: 'Its training has not ended.' },
    SUCCEEDED: { description: 'It has brought forth a model version.' },
    FAILED: { description: 'It has not; `detail` says why. The next one starts as scheduled.' },
  },
});

@ObjectType('Retraining', {
  simpleResolvers: true,
  description: 'One time that a schedule had its domain trained.',
})
export class Retraining {
  @Field(() => ID, { description: 'Its id.' })
  readonly id!: string;

  @Field(() => RetrainingReason, { description: 'Why.' })
  readonly reason!: Reason;

  @Field(() => RetrainingState, { description: 'How far it is.' })
  readonly state!: State;

  @Field(() => ID, { nullable: true, description: 'The snapshot of events; null where a dataset is named.' })
  readonly snapshotId!: string | null;

  @Field(() => ID, { nullable: true, description: 'The training run; null before it was asked for.' })
  readonly runId!: string | null;

  @Field(() => ID, { nullable: true, description: 'What came of it; null unless SUCCEEDED.' })
  readonly modelVersionId!: string | null;

  @Field(() => Boolean, { description: 'Whether that was promoted.' })
  readonly promoted!: boolean;

  @Field(() => String, { nullable: true, description: 'Why it failed, or was or was not promoted.' })
  readonly detail!: string | null;

  @Field(() => Date, { description: 'When it was started.' })
  readonly createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it ended.' })
  readonly endedAt!: Date | null;

  static from(entity: RetrainingEntity): Retraining {
    const { id, reason, state, snapshotId, runId, modelVersionId, promoted, detail, createdAt, endedAt } =
      entity;
    return Object.assign(new Retraining(), {
      ...{ id, reason, state, snapshotId, runId, modelVersionId, promoted, detail, createdAt, endedAt },
    });
  }
}

export const RetrainingConnection = connectionOf(Retraining, 'Retraining', 'retrainings');

@InputType('SetRetrainingScheduleInput', {
  description: 'When a domain is to be trained again. It takes the place of the schedule before.',
})
export class SetRetrainingScheduleInput {
  @Field(() => DomainKind, { description: 'The domain.' })
  readonly domain!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Minute, hour, day of month, month, day of week, such as `0 3 * * 1`; at most once an hour. Needed unless `onDrift` is true.',
  })
  readonly cron?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'By whose clocks: a name of the IANA database, such as `Europe/Berlin`. Left out: UTC.',
  })
  readonly timeZone?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Also when a drift report says DRIFTED. Left out: no.',
  })
  readonly onDrift?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Hours after any start before drift may start another, 1 to 8,760. Left out: 24.',
  })
  readonly coolDownHours?: number | null;

  @Field(() => ID, {
    nullable: true,
    description: 'A READY dataset of the domain. Left out: a fresh snapshot of the stored events each time.',
  })
  readonly datasetId?: string | null;

  @Field(() => PromoteRule, {
    nullable: true,
    description: 'Whether the outcome is promoted. Left out: NEVER.',
  })
  readonly promote?: Rule | null;

  @Field(() => StartFrom, {
    nullable: true,
    description: 'Whose weights its trainings start from. Left out: CHAMPION.',
  })
  readonly startFrom?: StartRule | null;
}

@ObjectType('SetRetrainingScheduleSuccess', { description: 'The schedule holds from now on.' })
export class SetRetrainingScheduleSuccess {
  @Field(() => RetrainingSchedule, { description: 'The schedule.' })
  readonly schedule!: RetrainingSchedule;
}

export const SetRetrainingScheduleResult = createUnionType({
  name: 'SetRetrainingScheduleResult',
  description: 'What came of `setRetrainingSchedule`.',
  types: () => [SetRetrainingScheduleSuccess, InvalidInput] as const,
});

@InputType('DeleteScheduleInput', { description: 'Which schedule.' })
export class DeleteScheduleInput {
  @Field(() => ID, { description: 'Its id.' })
  readonly scheduleId!: string;
}

@ObjectType('DeleteScheduleSuccess', {
  description:
    'Nothing is started by it any more; a training under way goes on, and its outcome is not promoted.',
})
export class DeleteScheduleSuccess {
  @Field(() => RetrainingSchedule, { description: 'As it was.' })
  readonly schedule!: RetrainingSchedule;
}

export const DeleteScheduleResult = createUnionType({
  name: 'DeleteScheduleResult',
  description: 'What came of `deleteSchedule`.',
  types: () => [DeleteScheduleSuccess] as const,
});
