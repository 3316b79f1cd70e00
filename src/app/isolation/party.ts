import { z } from 'zod';
import { AppError, messageOf } from '../../errors';

const body = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        path: z.array(z.union([z.string(), z.number()])).optional(),
        extensions: z.looseObject({ code: z.string().optional() }).optional(),
      }),
    )
    .optional(),
});

export interface AnswerError {
  readonly message: string;
  readonly code: string;
}

export interface Answer {
  readonly status: number;
  /** The body as it came. */
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly AnswerError[];
}

/** What a request carries beside its operation. */
export interface Disguise {
  readonly headers?: Readonly<Record<string, string>>;
  /** Members of the body beside the operation's. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** Of the address, with its question mark. */
  readonly search?: string;
}

const WAITS = 10;

/** A tenant as the API sees it: an address and a key. */
export class Party {
  constructor(
    readonly url: string,
    readonly key: string | null,
  ) {}

  async ask(query: string, variables: object, disguise: Disguise = {}): Promise<Answer> {
    const { status, text } = await this.http('POST', `${this.url}${disguise.search ?? ''}`, {
      headers: { 'content-type': 'application/json', ...disguise.headers },
      body: JSON.stringify({ ...disguise.body, query, variables }),
    });
    return parseAnswer(status, text);
  }

  /**
   * One request, relative to the API's address. Where the rate is used up, it waits and asks again.
   * @throws AppError UNAVAILABLE when nothing answers
   */
  async http(
    method: 'GET' | 'POST' | 'PUT',
    link: string,
    {
      headers = {},
      body,
    }: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string } = {},
  ): Promise<{ readonly status: number; readonly text: string }> {
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(new URL(link, this.url), {
        method,
        headers: { ...(this.key !== null && { authorization: `Bearer ${this.key}` }), ...headers },
        ...(body !== undefined && { body }),
      }).catch((error: unknown) => {
        throw new AppError('UNAVAILABLE', `${this.url} does not answer: ${messageOf(error)}`, [], {
          cause: error,
        });
      });
      const text = await response.text();
      if (response.status !== 429 || attempt === WAITS) return { status: response.status, text };
      const seconds = Number(response.headers.get('retry-after') ?? 1);
      await new Promise((resolve) => setTimeout(resolve, Math.min(seconds, 60) * 1_000));
    }
  }
}

export function parseAnswer(status: number, text: string): Answer {
  const parsed = body.safeParse(jsonOf(text));
  if (!parsed.success) return { status, text, data: null, errors: [{ message: text, code: String(status) }] };
  return {
    status,
    text,
    data: parsed.data.data ?? null,
    errors: (parsed.data.errors ?? []).map(({ message, extensions }) => ({
      message,
      code: extensions?.code ?? '',
    })),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
