/** An error as GraphQL clients read it. */
export interface CallError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly data: T | null;
  readonly errors: readonly CallError[];
}

/** The API as a client with one key sees it. */
export class ApiCaller {
  constructor(
    readonly endpoint: string,
    readonly key: string | null,
  ) {}

  /** The same key at another API. */
  at(endpoint: string): ApiCaller {
    return new ApiCaller(endpoint, this.key);
  }

  /** Sends an operation; `T` is what the test expects its data to be. */
  async send<T>(
    query: string,
    variables: object = {},
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const response = await fetch(this.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.credentials(), ...headers },
      body: JSON.stringify({ query, variables }),
    });
    const { data = null, errors = [] } = (await response.json()) as { data?: T | null; errors?: CallError[] };
    return { status: response.status, headers: response.headers, data, errors };
  }

  /** The data of an operation that is to succeed. */
  async data<T>(query: string, variables: object = {}): Promise<T> {
    const { data, errors } = await this.send<T>(query, variables);
    if (data === null || errors.length > 0)
      throw new Error(`the operation failed: ${JSON.stringify(errors)}`);
    return data;
  }

  /** The code of the only error of an operation that is to fail. */
  async code(query: string, variables: object = {}): Promise<unknown> {
    const { errors } = await this.send(query, variables);
    if (errors.length !== 1) throw new Error(`one error was expected, there are ${errors.length}`);
    return errors[0]?.extensions['code'];
  }

  /** A request beside GraphQL. */
  async http(path: string, init: RequestInit & { duplex?: 'half' } = {}): Promise<Response> {
    const headers = { ...this.credentials(), ...(init.headers as Record<string, string> | undefined) };
    return fetch(new URL(path, this.endpoint), { ...init, headers });
  }

  private credentials(): Record<string, string> {
    return this.key === null ? {} : { authorization: `Bearer ${this.key}` };
  }
}
