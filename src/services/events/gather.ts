/** A batch of questions, answered in their order. */
export type Answer<Q, A> = (questions: readonly Q[]) => Promise<readonly A[]>;

interface Waiting<Q, A> {
  readonly question: Q;
  readonly resolve: (answer: A) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Answers questions many at a time: those that come in the same turn, or while others are being answered, are answered
 * together. Nobody waits for more to come, and no answer is older than its question.
 */
export class Gather<Q, A> {
  private waiting: Waiting<Q, A>[] = [];
  private running = 0;

  constructor(
    private readonly answer: Answer<Q, A>,
    private readonly options: { readonly maxBatch: number; readonly concurrency: number },
  ) {}

  get idle(): boolean {
    return this.running === 0 && this.waiting.length === 0;
  }

  ask(question: Q): Promise<A> {
    if (this.waiting.length === 0) queueMicrotask(() => this.start());
    return new Promise((resolve, reject) => this.waiting.push({ question, resolve, reject }));
  }

  private start(): void {
    while (this.waiting.length > 0 && this.running < this.options.concurrency) {
      const batch = this.waiting.slice(0, this.options.maxBatch);
      this.waiting = this.waiting.slice(batch.length);
      this.running += 1;
      void this.run(batch).finally(() => {
        this.running -= 1;
        this.start();
      });
    }
  }

  private async run(batch: readonly Waiting<Q, A>[]): Promise<void> {
    try {
      const answers = await this.answer(batch.map(({ question }) => question));
      if (answers.length !== batch.length) throw new Error('a question was not answered');
      batch.forEach(({ resolve }, index) => resolve(answers[index] as A));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
