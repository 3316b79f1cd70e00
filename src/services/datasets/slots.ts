/** Lets a number of tasks run at the same time; the others wait their turn. */
export class Slots {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await task();
    } finally {
      // A slot goes from hand to hand, so that nobody who comes now is before those who wait.
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    }
  }
}
