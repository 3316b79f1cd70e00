import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { type Job } from '../../services/jobs/job.entity';
import {
  type AttemptEnding as Ending,
  ENDINGS,
  type JobAttempt as Attempt,
} from '../../services/jobs/log/job-logs.service';
import { enumOf } from '../enum-of';
import { SafeInt } from '../scalars';
import { JobPhase } from './job-phase';

export const AttemptEnding = enumOf(ENDINGS);

registerEnumType(AttemptEnding, {
  name: 'AttemptEnding',
  description: 'How an execution ended.',
  valuesConfig: {
    SUCCEEDED: { description: 'With its job, well.' },
    FAILED: { description: 'With its job, which failed.' },
    CANCELLED: { description: 'With its job, which was called off.' },
    LOST: { description: 'Its process died or fell silent.' },
    LEFT_OFF: { description: 'Its worker was asked to end, and another goes on.' },
    MOVED: { description: 'It needed more memory than its worker has, and goes on where there is more.' },
  },
});

@ObjectType('JobAttempt', {
  description:
    'One execution of a job, and what it took. Figures are of the process that executed it, from its start to the last time that they were written down, about every second: of one that was killed, that is what is known.',
})
export class JobAttempt {
  @Field(() => Int, { description: '1, 2, 3 …' })
  readonly attempt!: number;

  @Field(() => ID, {
    nullable: true,
    description: 'The worker, as an id that platform administrators find in `workers` for a day.',
  })
  readonly workerId!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'What it trained on: `cpu`, `webgpu` or `cuda`; null until it trained, and of other jobs.',
  })
  readonly device!: string | null;

  @Field(() => String, { nullable: true, description: 'The version of the platform that executed it.' })
  readonly codeVersion!: string | null;

  @Field(() => Date, { description: 'When it was given to its worker.' })
  readonly startedAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it ended; null while it goes on.' })
  readonly endedAt!: Date | null;

  @Field(() => AttemptEnding, { nullable: true, description: 'How it ended; null while it goes on.' })
  readonly ending!: Ending | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Processor time of all its threads, in seconds: with 4 busy threads, 4 for each second.',
  })
  readonly processorSeconds!: number | null;

  @Field(() => SafeInt, {
    nullable: true,
    description: "Most of the machine's memory that it had at a time, in bytes, without that of a GPU.",
  })
  readonly peakMemoryBytes!: number | null;

  @Field(() => Date, {
    nullable: true,
    description: 'When processor time and memory were written down last; null: never.',
  })
  readonly measuredAt!: Date | null;

  @Field(() => [JobPhase], {
    description: 'What it did, in order, and how long each took: its part of the timeline.',
  })
  readonly phases!: readonly JobPhase[];

  static from(attempt: Attempt, job: Job): JobAttempt {
    const phases = JobPhase.timelineOf(job).filter(
      ({ attempt: of, state, seconds }) => of === attempt.attempt && state !== 'QUEUED' && seconds !== null,
    );
    return Object.assign(new JobAttempt(), { ...attempt, phases });
  }
}
