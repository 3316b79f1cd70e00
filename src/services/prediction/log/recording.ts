/** The way from an answer to its id: the answer is recorded when the id is first asked for, and then once. */
export class Recording {
  #id: Promise<string> | null = null;
  #recorded: ((id: string) => void) | null = null;

  constructor(private readonly record: () => Promise<string>) {}

  /** Whether it is recorded, or about to be. */
  get isRecorded(): boolean {
    return this.#id !== null;
  }

  /** @throws AppError UNAVAILABLE when it cannot be recorded: then it has no id */
  id(): Promise<string> {
    return (this.#id ??= this.record().then((id) => {
      this.#recorded?.(id);
      return id;
    }));
  }

  /** Says what is to be done once it is recorded, before anybody has asked for its id. */
  onRecorded(listener: (id: string) => void): void {
    this.#recorded = listener;
  }
}
