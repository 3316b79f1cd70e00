import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { REQUESTED_DEVICES } from '../../services/training/requested-device';
import { MISSING, type MissingWorker as Missing } from '../../services/training/run-outlook';
import { enumOf } from '../enum-of';

export const RequestedDevice = enumOf(REQUESTED_DEVICES);

registerEnumType(RequestedDevice, {
  name: 'RequestedDevice',
  description: 'What a training asks to be executed on.',
  valuesConfig: {
    AUTO: { description: 'A GPU where one is free, else any worker.' },
    CPU: { description: 'The CPU, on whatever worker.' },
    GPU: { description: 'A worker with a GPU; the run waits until one is connected.' },
  },
});

export const MissingWorkerReason = enumOf(MISSING);

registerEnumType(MissingWorkerReason, {
  name: 'MissingWorkerReason',
  description: 'What no connected worker has.',
  valuesConfig: {
    WORKER: { description: 'No worker is connected at all.' },
    GPU: { description: 'No worker with a GPU is connected.' },
    MEMORY: { description: 'No connected worker has as much memory as the training needs.' },
  },
});

const GIB = 2 ** 30;

@ObjectType('MissingWorker', { description: 'Why a run cannot begin before another worker is connected.' })
export class MissingWorker {
  @Field(() => MissingWorkerReason, { description: 'What is missing.' })
  readonly reason!: string;

  @Field(() => String, { description: 'The same in words.' })
  readonly message!: string;

  static from({ what, memoryBytes }: Missing): MissingWorker {
    const gibibytes = ((memoryBytes ?? 0) / GIB).toFixed(1);
    const messages: Readonly<Record<Missing['what'], string>> = {
      WORKER: 'It waits for a worker; none is connected.',
      GPU: 'It waits for a worker with a GPU; none is connected.',
      MEMORY: `It waits for a worker with ${gibibytes} GiB of memory for it; none is connected.`,
    };
    return Object.assign(new MissingWorker(), { reason: what, message: messages[what] });
  }
}
