import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Everything that a span may say: our own identifiers, names of the schema's, counts and codes. What a request, an event
 * or a dataset holds has no place among them, so that nothing of a person leaves with a trace.
 */
export interface SpanAttributes {
  readonly 'error.type'?: string | undefined;
  readonly 'graphql.operation.name'?: string | undefined;
  readonly 'graphql.operation.type'?: string | undefined;
  readonly 'http.request.method'?: string | undefined;
  readonly 'http.response.status_code'?: number | undefined;
  /** As the route is declared, with the names of its parameters. */
  readonly 'http.route'?: string | undefined;
  readonly 'propensity.artifact'?: string | undefined;
  readonly 'propensity.batch.requests'?: number | undefined;
  readonly 'propensity.batch.rows'?: number | undefined;
  readonly 'propensity.job.attempt'?: number | undefined;
  readonly 'propensity.job.id'?: string | undefined;
  readonly 'propensity.job.type'?: string | undefined;
  readonly 'propensity.request.id'?: string | undefined;
  readonly 'propensity.rows'?: number | undefined;
  readonly 'propensity.tenant.id'?: string | undefined;
}

/** A piece of work of a trace, from its start to its end. */
export interface Span {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** What another process needs to go on with the trace: W3C Trace Context's header. */
  readonly traceparent: string;
  rename(name: string): void;
  set(attributes: SpanAttributes): void;
  /** Points to work of another trace that belongs to this. */
  link(other: Span): void;
  /** It came to nothing: told by a code, since messages may quote what was sent. */
  fail(code: string): void;
  /** Once; what comes later is ignored. */
  end(): void;
}

export interface SpanStart {
  /** What it is a part of; without one it begins a trace of its own. */
  readonly parent?: Span | null;
  /** Internal unless given. */
  readonly kind?: 'server' | 'consumer';
  readonly attributes?: SpanAttributes;
  readonly links?: readonly Span[];
}

export interface Tracer {
  start(name: string, start: SpanStart): Span;
  /** The span that another process has told of; null when that is none. */
  remote(traceparent: string): Span | null;
}

/** Null while nothing is traced, which is then all that tracing costs. */
let tracer: Tracer | null = null;
const current = new AsyncLocalStorage<Span>();

/** To whom spans are told from now on; null: to nobody. */
export function traceWith(next: Tracer | null): void {
  tracer = next;
}

export function isTracing(): boolean {
  return tracer !== null;
}

/** What the caller is a part of. */
export function currentSpan(): Span | null {
  return tracer === null ? null : (current.getStore() ?? null);
}

/** The header under which what the caller starts elsewhere goes on with its trace. */
export function currentTraceparent(): string | null {
  return currentSpan()?.traceparent ?? null;
}

export function startSpan(name: string, start: SpanStart = {}): Span | null {
  return tracer?.start(name, start) ?? null;
}

export function remoteSpan(traceparent: string | null | undefined): Span | null {
  return traceparent == null ? null : (tracer?.remote(traceparent) ?? null);
}

/** Does work as a part of a span, also what it goes on with later. */
export function within<T>(span: Span | null, work: () => T): T {
  return span === null ? work() : current.run(span, work);
}

/** Does work as a span of its own where the caller is traced, else as if this were not here. */
export function traced<T>(name: string, attributes: SpanAttributes, work: () => T): T {
  const parent = currentSpan();
  const span = parent && startSpan(name, { parent, attributes });
  return span === null ? work() : ending(span, work);
}

/** Does work as this span, and ends it with the work. */
export function ending<T>(span: Span | null, work: () => T): T {
  if (span === null) return work();
  const failed = (error: unknown): never => {
    span.fail(codeOf(error));
    span.end();
    throw error;
  };
  let result: T;
  try {
    result = within(span, work);
  } catch (error) {
    return failed(error);
  }
  if (!(result instanceof Promise)) {
    span.end();
    return result;
  }
  // A promise of the same: its type is that of what the work returned.
  return result.then((value: unknown) => {
    span.end();
    return value;
  }, failed) as T;
}

/** An error's code, which is one of a closed table, or else its class: never its message. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
