import { AppError } from '../../errors';
import { Slots } from '../datasets/slots';

/**
 * Lets the tasks of one key take turns, in the order in which they came. Who waits here holds nothing that others need,
 * unlike who waits for a lock in the database, on a connection.
 */
export class Turns {
  private readonly queues = new Map<string, { readonly turn: Slots; tasks: number }>();

  /** @param limit most tasks of a key, the running one included */
  constructor(private readonly limit: number) {}

  /** @throws AppError UNAVAILABLE when too many wait already */
  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const queue = this.queues.get(key) ?? { turn: new Slots(1), tasks: 0 };
    if (queue.tasks >= this.limit)
      throw new AppError(
        'UNAVAILABLE',
        `${queue.tasks} requests wait for the same turn: send fewer at a time`,
      );
    this.queues.set(key, queue);
    queue.tasks += 1;
    try {
      return await queue.turn.run(task);
    } finally {
      queue.tasks -= 1;
      if (queue.tasks === 0) this.queues.delete(key);
    }
  }
}
