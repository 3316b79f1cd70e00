import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type Answer, parseAnswer, type Party } from './party';

/** Subscriptions of one party; what comes is kept as text. */
export class Subscriber {
  private readonly client;
  readonly messages: string[] = [];

  constructor(party: Party) {
    const url = new URL(party.url);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    this.client = createClient({
      url: url.toString(),
      webSocketImpl: WebSocket,
      connectionParams: { apiKey: party.key },
      retryAttempts: 0,
      lazy: true,
    });
  }

  /** Listens until everything ends. */
  listen(query: string, variables: Readonly<Record<string, unknown>>): void {
    this.client.subscribe(
      { query, variables },
      {
        next: (message) => this.messages.push(JSON.stringify(message)),
        error: () => undefined,
        complete: () => undefined,
      },
    );
  }

  /** What comes first, a message or a refusal; an empty answer when nothing comes in time, or it ends. */
  async first(query: string, variables: Readonly<Record<string, unknown>>, waitMs: number): Promise<Answer> {
    const text = await new Promise<string>((resolve) => {
      let end = (): void => undefined;
      const answer = (text: string): void => {
        clearTimeout(timer);
        resolve(text);
        end();
      };
      const timer = setTimeout(() => answer('{}'), waitMs);
      end = this.client.subscribe(
        { query, variables },
        {
          next: (message) => answer(JSON.stringify(message)),
          error: (error) => answer(textOf(error)),
          complete: () => answer('{}'),
        },
      );
    });
    return parseAnswer(200, text);
  }

  async close(): Promise<void> {
    await this.client.dispose();
  }
}

/** A refusal as an answer over HTTP would have it. */
function textOf(error: unknown): string {
  if (Array.isArray(error)) return JSON.stringify({ errors: error });
  return JSON.stringify({ errors: [{ message: error instanceof Error ? error.message : 'closed' }] });
}
