import { Client } from 'pg';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

export interface NotificationOptions {
  /** Called after a lost connection is back: what was announced meanwhile is lost, so listeners read again. */
  readonly onResync?: () => void;
  /** Told of a lost connection; it is being mended. */
  readonly onError?: (error: unknown) => void;
}

type Listener = (payload: unknown) => void;

/**
 * Receives what transactions announce with NOTIFY, on a connection of its own that is opened again when it breaks.
 * Delivery is at most once: an announcement says "read again", it is never the only place where something stands.
 */
export class Notifications {
  private readonly listeners = new Map<string, Set<Listener>>();
  private client: Client | null = null;
  private connecting: Promise<Client> | null = null;
  private retry: NodeJS.Timeout | null = null;
  private closed = false;
  private lastSaid: Promise<void> = Promise.resolve();

  constructor(
    private readonly url: string,
    private readonly options: NotificationOptions = {},
  ) {}

  /**
   * Calls the listener with each payload of the channel, parsed from JSON, until the returned function is called.
   * Resolves once the server is listening.
   */
  async listen(channel: string, listener: Listener): Promise<() => Promise<void>> {
    const client = await this.connected();
    let listeners = this.listeners.get(channel);
    if (!listeners) {
      listeners = new Set();
      this.listeners.set(channel, listeners);
    }
    listeners.add(listener);
    // Repeating LISTEN is harmless; not repeating it would let the second listener resolve before the first's arrived.
    await this.say(client, `LISTEN ${client.escapeIdentifier(channel)}`);
    return () => this.forget(channel, listener);
  }

  /** Closes the connection; no listener is called afterwards. */
  async close(): Promise<void> {
    this.closed = true;
    this.listeners.clear();
    if (this.retry) clearTimeout(this.retry);
    const client = await (this.connecting ?? Promise.resolve(this.client)).catch(() => null);
    this.client = null;
    await client?.end().catch(() => undefined);
  }

  private async forget(channel: string, listener: Listener): Promise<void> {
    const listeners = this.listeners.get(channel);
    listeners?.delete(listener);
    if (listeners?.size !== 0) return;
    this.listeners.delete(channel);
    // A connection that is lost listens to nothing anyway.
    if (this.client)
      await this.say(this.client, `UNLISTEN ${this.client.escapeIdentifier(channel)}`).catch(() => undefined);
  }

  /** One statement after another: a client that is given several at once warns, and will refuse. */
  private say(client: Client, statement: string): Promise<void> {
    const said = this.lastSaid.then(() => client.query(statement)).then(() => undefined);
    this.lastSaid = said.catch(() => undefined);
    return said;
  }

  private async connected(): Promise<Client> {
    if (this.closed) throw new Error('notifications are closed');
    if (this.client) return this.client;
    this.connecting ??= this.connect().finally(() => (this.connecting = null));
    return this.connecting;
  }

  private async connect(): Promise<Client> {
    const client = new Client({
      connectionString: this.url,
      application_name: 'propensity-notifications',
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
    });
    client.on('notification', ({ channel, payload }) => this.deliver(channel, payload));
    client.on('error', (error) => this.options.onError?.(error));
    client.on('end', () => this.lost(client));
    await client.connect();
    for (const channel of this.listeners.keys()) {
      await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
    }
    this.client = client;
    return client;
  }

  private deliver(channel: string, payload: string | undefined): void {
    const value = parse(payload);
    for (const listener of this.listeners.get(channel) ?? []) listener(value);
  }

  private lost(client: Client): void {
    if (this.client !== client) return;
    this.client = null;
    if (!this.closed) this.reconnect(FIRST_DELAY_MS);
  }

  private reconnect(delayMs: number): void {
    this.retry = setTimeout(() => {
      this.connected().then(
        () => this.options.onResync?.(),
        (error: unknown) => {
          this.options.onError?.(error);
          if (!this.closed) this.reconnect(Math.min(delayMs * 2, LONGEST_DELAY_MS));
        },
      );
    }, delayMs);
  }
}

function parse(payload: string | undefined): unknown {
  try {
    return JSON.parse(payload ?? 'null');
  } catch {
    // Not announced by us: listeners validate what they get, so they see the text.
    return payload;
  }
}
