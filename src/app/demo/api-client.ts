import { Readable } from 'node:stream';
import { z } from 'zod';
import { AppError } from '../../errors';

const graphqlResponse = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(z.object({ message: z.string(), extensions: z.object({ code: z.string() }).partial().optional() }))
    .optional(),
});

/** A typed failure, where an operation's documents asked for nothing else of it. */
const userError = z.strictObject({ code: z.string(), message: z.string() });

/** The platform's API as a client sees it: the demo uses nothing that a tenant could not. */
export class ApiClient {
  constructor(
    private readonly url: string,
    private readonly apiKey: string,
  ) {}

  /**
   * Runs an operation and returns its only field, parsed.
   *
   * @throws AppError UNAVAILABLE with the API's message when it answers with an error, typed or not
   */
  async query<T>(document: string, variables: object, field: z.ZodType<T>): Promise<T> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.apiKey}` },
      body: JSON.stringify({ query: document, variables }),
    });
    const body = graphqlResponse.parse(await response.json());
    const error = body.errors?.[0];
    if (error) {
      const code = error.extensions?.code;
      throw new AppError(
        code === 'UNAUTHENTICATED' ? code : 'UNAVAILABLE',
        `the API answered: ${error.message}`,
      );
    }
    const answer = Object.values(body.data ?? {})[0];
    const failure = userError.safeParse(answer);
    if (failure.success) throw new AppError('UNAVAILABLE', `the API answered: ${failure.data.message}`);
    return field.parse(answer);
  }

  /** Streams lines to an upload link. */
  async upload(link: string, lines: Iterable<string>): Promise<void> {
    await this.uploadBytes(link, withNewlines(lines));
  }

  /**
   * Streams a file as it is.
   *
   * @param sha256 of the bytes: with it, a file that ends in the middle of a row is taken for whole
   */
  async uploadBytes(
    link: string,
    bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    sha256?: string,
  ): Promise<void> {
    const response = await fetch(new URL(link, this.url), {
      method: 'PUT',
      headers: {
        'content-type': 'text/csv',
        authorization: `Bearer ${this.apiKey}`,
        ...(sha256 !== undefined && { 'x-content-sha256': sha256 }),
      },
      body: Readable.toWeb(Readable.from(bytes)),
      duplex: 'half',
    });
    if (!response.ok) throw new AppError('UNAVAILABLE', `the upload was refused: ${await response.text()}`);
  }

  async download(link: string): Promise<string> {
    const response = await fetch(new URL(link, this.url), {
      headers: { authorization: `Bearer ${this.apiKey}` },
    });
    if (!response.ok) throw new AppError('UNAVAILABLE', `the download was refused: ${await response.text()}`);
    return response.text();
  }
}

/** Lines in blocks of a size that a socket likes. */
function* withNewlines(lines: Iterable<string>): Generator<Buffer> {
  let block: string[] = [];
  for (const line of lines) {
    block.push(line, '\n');
    if (block.length >= 4096) {
      yield Buffer.from(block.join(''));
      block = [];
    }
  }
  yield Buffer.from(block.join(''));
}
