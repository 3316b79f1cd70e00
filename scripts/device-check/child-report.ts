/** Tells the parent, and waits until it is told: the next step may end the process. */
export function report(message: object): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, (error: Error | null) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Takes the one order that a child is given, and ends when it is carried out. */
export function carryOut(work: (order: unknown) => Promise<void>): void {
  process.once('message', (order) => {
    work(order).then(
      () => process.disconnect(),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        process.exit(1);
      },
    );
  });
}
