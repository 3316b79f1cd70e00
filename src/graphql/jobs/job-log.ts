import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { type JobLogLine as Entity } from '../../services/jobs/log/job-log-line.entity';
import { LOG_LEVELS, type LogLevel as Level } from '../../services/jobs/log/log-line';
import { type RunState } from '../../services/training/run-state';
import { connectionOf } from '../connections/connection';
import { enumOf } from '../enum-of';
import { JobState } from './job-phase';

export const LogLevel = enumOf(LOG_LEVELS);

registerEnumType(LogLevel, {
  name: 'LogLevel',
  description: 'How much a line of a log matters, in ascending order.',
  valuesConfig: {
    DETAIL: { description: 'For whoever looks closely, such as each checkpoint that is written.' },
    INFO: { description: 'What the job comes to, such as each epoch with its losses.' },
    WARNING: { description: 'It goes on, but not as one might have expected.' },
    ERROR: { description: 'Why it does not go on.' },
  },
});

@ObjectType('JobLogLine', { description: 'Something that a job told of itself.' })
export class JobLogLine {
  @Field(() => ID, { description: 'Its id.' })
  readonly id!: string;

  @Field(() => Date, { description: 'When it was said.' })
  readonly at!: Date;

  @Field(() => LogLevel, { description: 'How much it matters.' })
  readonly level!: Level;

  @Field(() => Int, { description: 'The execution that it is of, from 1; 0 before the first.' })
  readonly attempt!: number;

  @Field(() => JobState, { description: 'What the job was doing.' })
  readonly phase!: RunState;

  @Field(() => String, { description: 'What it said, 1,000 characters at most.' })
  readonly message!: string;

  static from({ id, at, level, attempt, phase, message }: Entity): JobLogLine {
    return Object.assign(new JobLogLine(), { id, at, level, attempt, phase, message });
  }
}

export const JobLogLineConnection = connectionOf(JobLogLine, 'JobLogLine', 'lines');
