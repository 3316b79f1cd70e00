import {
  type Attributes,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type Span as ApiSpan,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer as ApiTracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { messageOf } from '../../errors';
import { type Span, type SpanAttributes, type SpanStart, type Tracer } from './tracing';

export interface OtlpOptions {
  /** Where spans are sent, such as `http://collector:4318/v1/traces`. */
  readonly url: string;
  /** Of the traces that begin here: how many of them are told, from 0 to 1. */
  readonly ratio: number;
  /** As what this process is shown. */
  readonly service: string;
  /** Told when spans cannot be delivered any more, with the reason, and with null when they can again. */
  readonly onDelivery: (problem: string | null) => void;
  /** How long spans are gathered. */
  readonly delayMs?: number;
  /** How long one delivery may take. */
  readonly timeoutMs?: number;
}

/** Spans that wait to be delivered; what is more is forgotten, so that a collector that is away costs no memory. */
const MAX_WAITING = 4_096;
const DELAY_MS = 1_000;
const TIMEOUT_MS = 10_000;

const KINDS = { server: SpanKind.SERVER, consumer: SpanKind.CONSUMER };

/** Tells spans by OTLP over HTTP. The one file that knows OpenTelemetry: loaded when traces are told, and only then. */
export class OtlpTracer implements Tracer {
  readonly #provider: TracerProvider;
  readonly #tracer: ApiTracer;

  constructor({ url, ratio, service, onDelivery, delayMs = DELAY_MS, timeoutMs = TIMEOUT_MS }: OtlpOptions) {
    const exporter = tellingDelivery(new OTLPTraceExporter({ url, timeoutMillis: timeoutMs }), onDelivery);
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': service, 'process.pid': process.pid }),
      sampler: new ParentBasedSampler({ root: new RootSampler(ratio) }),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter,
          maxQueueSize: MAX_WAITING,
          scheduledDelayMillis: delayMs,
          exportTimeoutMillis: timeoutMs,
        }),
      ],
    });
    this.#tracer = this.#provider.getTracer('propensity');
  }

  start(name: string, { parent, kind, attributes = {}, links = [] }: SpanStart): Span {
    const context = parent ? trace.setSpanContext(ROOT_CONTEXT, contextOf(parent)) : ROOT_CONTEXT;
    const started = this.#tracer.startSpan(
      name,
      {
        kind: kind ? KINDS[kind] : SpanKind.INTERNAL,
        attributes: spoken(attributes),
        links: links.map((other) => ({ context: contextOf(other) })),
      },
      context,
    );
    return new OtlpSpan(started);
  }

  remote(traceparent: string): Span | null {
    const context = readTraceparent(traceparent);
    return context && new OtlpSpan(trace.wrapSpanContext({ ...context, isRemote: true }));
  }

  /** Delivers what waits. */
  async close(): Promise<void> {
    await this.#provider.shutdown();
  }
}

class OtlpSpan implements Span {
  readonly context: SpanContext;

  constructor(private readonly span: ApiSpan) {
    this.context = span.spanContext();
  }

  get traceId(): string {
    return this.context.traceId;
  }

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.context;
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  rename(name: string): void {
    this.span.updateName(name);
  }

  set(attributes: SpanAttributes): void {
    this.span.setAttributes(spoken(attributes));
  }

  link(other: Span): void {
    this.span.addLink({ context: contextOf(other) });
  }

  fail(code: string): void {
    this.span.setAttribute('error.type', code);
    this.span.setStatus({ code: SpanStatusCode.ERROR });
  }

  end(): void {
    if (this.span.isRecording()) this.span.end();
  }
}

/** Of the traces that begin here, a share; and what belongs to others that are told, whose picture it completes. */
class RootSampler implements Sampler {
  readonly #share: TraceIdRatioBasedSampler;

  constructor(ratio: number) {
    this.#share = new TraceIdRatioBasedSampler(ratio);
  }

  shouldSample(...[context, traceId, , , , links]: Parameters<Sampler['shouldSample']>): SamplingResult {
    const belongs = links.some((link: Link) => (link.context.traceFlags & TraceFlags.SAMPLED) !== 0);
    return belongs
      ? { decision: SamplingDecision.RECORD_AND_SAMPLED }
      : this.#share.shouldSample(context, traceId);
  }

  toString(): string {
    return `RootSampler{${this.#share.toString()}}`;
  }
}

/** `version-traceId-spanId-flags`; a version that is not known yet may say more behind it. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

function readTraceparent(header: string): SpanContext | null {
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(header) ?? [];
  if (version === undefined || (version === '00' && more !== undefined)) return null;
  const context = { traceId, spanId, traceFlags: parseInt(flags, 16) & TraceFlags.SAMPLED };
  return isSpanContextValid(context) ? context : null;
}

function contextOf(span: Span): SpanContext {
  if (span instanceof OtlpSpan) return span.context;
  throw new Error('a span of another tracer');
}

function spoken(attributes: SpanAttributes): Attributes {
  return { ...attributes };
}

/** A collector that is away is said once, and once that it is back. */
function tellingDelivery(exporter: SpanExporter, onDelivery: OtlpOptions['onDelivery']): SpanExporter {
  let isFailing = false;
  return {
    export: (spans, done) => {
      exporter.export(spans, (result) => {
        const fails = result.error !== undefined;
        if (fails !== isFailing) onDelivery(fails ? messageOf(result.error) : null);
        isFailing = fails;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush && { forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve() }),
  };
}
