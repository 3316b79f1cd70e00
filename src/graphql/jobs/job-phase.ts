import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { type Job } from '../../services/jobs/job.entity';
import { hasEnded, RUN_STATES, type RunState } from '../../services/training/run-state';
import { enumOf } from '../enum-of';

export const JobState = enumOf([...RUN_STATES, 'SCORING'] as const);

registerEnumType(JobState, {
  name: 'JobState',
  description: 'The states of jobs of all types.',
  valuesConfig: {
    QUEUED: { description: 'It waited for a worker.' },
    PREPARING: { description: 'The dataset was read.' },
    TRAINING: { description: 'The model was fitted.' },
    EVALUATING: { description: 'The model was judged.' },
    SCORING: { description: 'Examples were scored.' },
    EXPORTING: { description: 'What came of it was written.' },
    SUCCEEDED: { description: 'It ended well.' },
    FAILED: { description: 'It ended with an error.' },
    CANCELLED: { description: 'It was called off.' },
  },
});

@ObjectType('JobPhase', { description: 'A state that a job came to, and how long it stayed in it.' })
export class JobPhase {
  @Field(() => JobState, { description: 'The state.' })
  readonly state!: RunState;

  @Field(() => Int, { description: 'The execution that it was in, from 1; 0 before the first.' })
  readonly attempt!: number;

  @Field(() => Date, { description: 'When it came to it.' })
  readonly startedAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it left it; null for the state that it is in.' })
  readonly endedAt!: Date | null;

  @Field(() => Float, {
    nullable: true,
    description: 'How long it was in it, in seconds: until now, where it still is. Null for a final state.',
  })
  readonly seconds!: number | null;

  /** In the order of time. Empty for jobs from before that was recorded. */
  static timelineOf({ timeline }: Job): JobPhase[] {
    return timeline.map(({ state, attempt, at }, index) => {
      const startedAt = new Date(at);
      const next = timeline[index + 1];
      const endedAt = next ? new Date(next.at) : null;
      const until = endedAt?.getTime() ?? Date.now();
      const seconds = hasEnded(state) ? null : Math.max(0, until - startedAt.getTime()) / 1000;
      return Object.assign(new JobPhase(), { state, attempt, startedAt, endedAt, seconds });
    });
  }
}
