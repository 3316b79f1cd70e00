import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A line between two processes that can be cut: TCP is passed on, both ways, unless there is a fault. */
export class Link {
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private readonly server: Server;
  private state: 'open' | 'refusing' | 'silent' = 'open';

  constructor(
    readonly name: string,
    private readonly targetPort: number,
  ) {
    this.server = createServer((near) => this.join(near));
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.pairs.size;
  }

  /** Resets every connection and each new one, until it is mended. */
  cut(): void {
    this.state = 'refusing';
    this.reset();
  }

  /** Lets nothing through, and tells nobody, until it is mended. */
  silence(): void {
    this.state = 'silent';
    for (const pair of this.pairs) for (const socket of pair) socket.pause();
  }

  /** Lets through what has been waiting. */
  mend(): void {
    this.state = 'open';
    for (const pair of this.pairs) for (const socket of pair) socket.resume();
  }

  /** Destroys every socket, and listens no more. */
  close(): void {
    this.state = 'refusing';
    this.server.close();
    this.reset();
  }

  private reset(): void {
    for (const [near, far] of this.pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  private join(near: Socket): void {
    if (this.state === 'refusing') {
      near.resetAndDestroy();
      return;
    }
    const far = connect(this.targetPort, '127.0.0.1');
    const pair = [near, far] as const;
    this.pairs.add(pair);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.setNoDelay(true);
      from.on('data', (bytes) => {
        if (!to.write(bytes)) from.pause();
      });
      to.on('drain', () => {
        if (this.state !== 'silent') from.resume();
      });
      from.on('end', () => to.end());
      // Whoever is on the other side sees the same end.
      from.on('error', () => to.resetAndDestroy());
      from.on('close', () => {
        to.destroySoon();
        // What one side has not taken yet may keep the other open, until the line is closed for good.
        if (near.destroyed && far.destroyed) this.pairs.delete(pair);
      });
    }
    if (this.state === 'silent') for (const socket of pair) socket.pause();
  }
}
