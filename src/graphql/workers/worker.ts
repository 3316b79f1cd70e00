import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { enumOf } from '../enum-of';
import { SafeInt } from '../scalars';

export const DeviceClass = enumOf(['CPU', 'GPU']);

registerEnumType(DeviceClass, {
  name: 'DeviceClass',
  description: 'What kind of worker it is. Tenants take turns on each kind by itself.',
  valuesConfig: {
    CPU: { description: 'Workers without a GPU.' },
    GPU: {
      description:
        'Workers with a GPU. Jobs for the CPU are theirs too where no worker without a GPU is connected.',
    },
  },
});

@ObjectType('TrainingCapacity', {
  description: 'What the connected workers of a kind can do, for all tenants.',
})
export class TrainingCapacity {
  @Field(() => DeviceClass, { description: 'The kind of worker.' })
  readonly device!: 'CPU' | 'GPU';

  @Field(() => Int, { description: 'Workers that are connected and take jobs.' })
  readonly workers!: number;

  @Field(() => Int, { description: 'How many more jobs they could execute now.' })
  readonly free!: number;
}

@ObjectType('WorkerDevice', { description: 'A device that a worker trains on.' })
export class WorkerDevice {
  @Field(() => String, { description: '`cpu`, `webgpu` or `cuda`.' })
  readonly device!: string;

  @Field(() => String, { nullable: true, description: 'What it is called; null where that is not known.' })
  readonly name!: string | null;

  @Field(() => SafeInt, {
    nullable: true,
    description: 'Bytes that one training may take there; null where that is not known.',
  })
  readonly memoryBytes!: number | null;
}

@ObjectType('WorkerJob', { description: 'A job that a worker executes. Nothing of its content is shown.' })
export class WorkerJob {
  @Field(() => ID, { description: 'The tenant.' })
  readonly tenantId!: string;

  @Field(() => ID, { description: 'The training run or scoring.' })
  readonly jobId!: string;
}

@ObjectType('Worker', { description: 'A process that executes jobs, as it was last heard of.' })
export class Worker {
  @Field(() => ID, { description: 'Its id, new with each start.' })
  readonly id!: string;

  @Field(() => String, { description: 'What its operator calls it, else a name after its id.' })
  readonly name!: string;

  @Field(() => String, { description: 'The version of the platform that it runs.' })
  readonly version!: string;

  @Field(() => [WorkerDevice], { description: 'What it can train on.' })
  readonly devices!: readonly WorkerDevice[];

  @Field(() => Int, { description: 'Jobs that it executes side by side, at most.' })
  readonly concurrency!: number;

  @Field(() => Boolean, { description: 'Whether it is about to leave: it takes no more jobs.' })
  readonly draining!: boolean;

  @Field(() => Boolean, {
    description: 'Whether it was heard of within 20 seconds. One that was not is forgotten after a day.',
  })
  readonly alive!: boolean;

  @Field(() => Date, { description: 'When it was first heard of.' })
  readonly startedAt!: Date;

  @Field(() => Date, { description: 'When it was last heard of; it announces itself every 5 seconds.' })
  readonly heartbeatAt!: Date;

  @Field(() => [WorkerJob], { description: 'What it executes now.' })
  readonly executing!: readonly WorkerJob[];
}
