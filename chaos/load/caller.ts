import { z } from 'zod';
import { type Watch } from './watch';

const envelope = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(z.object({ message: z.string(), extensions: z.object({ code: z.string() }).loose() }).loose())
    .optional(),
});
const REQUEST_TIMEOUT_MS = 20_000;

/** A tenant's client: what it is told and does not expect, it takes for no answer. */
export class Caller {
  constructor(
    private readonly url: string,
    private readonly apiKey: string,
    readonly marker: string,
    private readonly watch: Watch,
  ) {}

  /** The one field of an operation, read; null when there was no answer, or another. */
  async field<T>(query: string, variables: object, answer: z.ZodType<T>): Promise<T | null> {
    const body = JSON.stringify({ query, variables });
    const text = await this.http('POST', this.url, { type: 'application/json', body });
    if (text === null) return null;
    const parsed = envelope.safeParse(text.json);
    if (!parsed.success || parsed.data.errors) {
      this.watch.count(
        parsed.data?.errors?.[0]?.extensions.code ?? `HTTP_${text.status}`,
        `${query} ${text.text}`,
      );
      return null;
    }
    const value = Object.values(parsed.data.data ?? {})[0];
    const result = answer.safeParse(value);
    const code = z.object({ code: z.string() }).safeParse(value).data?.code;
    this.watch.count(result.success ? 'OK' : (code ?? (value === null ? 'NOTHING' : 'OTHER')), text.text);
    return result.success ? result.data : null;
  }

  /** Sends a file. @returns what was answered with 200, or null */
  async put<T>(link: string, body: string, answer: z.ZodType<T>): Promise<T | null> {
    const text = await this.http('PUT', new URL(link, this.url).href, { type: 'text/csv', body });
    if (text === null) return null;
    this.watch.count(`UPLOAD_${text.status}`);
    return text.status === 200 ? (answer.safeParse(text.json).data ?? null) : null;
  }

  /** Fetches a file; null when that failed. */
  async download(link: string): Promise<Buffer | null> {
    try {
      const response = await fetch(new URL(link, this.url), {
        headers: { authorization: `Bearer ${this.apiKey}` },
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      return response.ok ? Buffer.from(await response.arrayBuffer()) : null;
    } catch {
      return null;
    }
  }

  private async http(
    method: 'POST' | 'PUT',
    url: string,
    { type, body }: { type: string; body: string },
  ): Promise<{ status: number; text: string; json: unknown } | null> {
    try {
      const response = await fetch(url, {
        method,
        headers: { 'content-type': type, authorization: `Bearer ${this.apiKey}` },
        body,
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      const text = await response.text();
      this.watch.look(this.marker, body, text);
      return { status: response.status, text, json: JSON.parse(text) };
    } catch {
      this.watch.unanswered++;
      return null;
    }
  }
}
