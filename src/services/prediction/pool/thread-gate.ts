const STOP = 0;
const BUSY = 1;

/**
 * Lets a process end while its inference threads work. ONNX Runtime's binding aborts the whole process, with a message
 * and a core dump, when its thread is terminated inside a native call, and that is what the end of a process does to
 * its threads. So a thread says when it is inside a call, and the process waits for it before it ends.
 */
export class ThreadGate {
  readonly #cells: Int32Array;

  /** @param shared the other side's {@link shared}; a new gate without it */
  constructor(readonly shared: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.#cells = new Int32Array(shared);
  }

  /** The thread's side: does native work, or nothing ever again once the gate is shut. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    Atomics.store(this.#cells, BUSY, 1);
    try {
      // Looked at after saying so: either the other side sees that it is busy, or it sees that the gate is shut.
      if (Atomics.load(this.#cells, STOP) === 1) return await this.#forEver<T>();
      return await work();
    } finally {
      this.#idle();
    }
  }

  /** The process's side: keeps the thread from native work, and waits for what it is in the midst of. Blocks. */
  shut(timeoutMs: number): void {
    Atomics.store(this.#cells, STOP, 1);
    Atomics.wait(this.#cells, BUSY, 1, timeoutMs);
  }

  #forEver<T>(): Promise<T> {
    this.#idle();
    return new Promise(() => undefined);
  }

  #idle(): void {
    Atomics.store(this.#cells, BUSY, 0);
    Atomics.notify(this.#cells, BUSY);
  }
}
