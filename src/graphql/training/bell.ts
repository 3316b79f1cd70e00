/** Wakes one waiter. A ring while nobody waits is kept: the next wait ends at once. */
export class Bell {
  private rung = false;
  private ended = false;
  private wake: (() => void) | null = null;

  get stopped(): boolean {
    return this.ended;
  }

  ring(): void {
    this.rung = true;
    this.wake?.();
  }

  /** Ends the present and every later wait at once. */
  stop(): void {
    this.ended = true;
    this.wake?.();
  }

  /** Resolves at the next ring, at the end, or after this long at the latest. */
  async wait(atMostMs: number): Promise<void> {
    if (!this.rung && !this.ended) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, atMostMs);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.wake = null;
    }
    this.rung = false;
  }
}
