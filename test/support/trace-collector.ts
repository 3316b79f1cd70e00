import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { until } from './training/until';

interface Value {
  readonly stringValue?: string;
  readonly intValue?: number | string;
}
type Attributes = ReadonlyArray<{ readonly key: string; readonly value: Value }>;

interface Sent {
  readonly resourceSpans: ReadonlyArray<{
    readonly resource: { readonly attributes: Attributes };
    readonly scopeSpans: ReadonlyArray<{ readonly spans: readonly SentSpan[] }>;
  }>;
}
interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: Attributes;
  readonly links: ReadonlyArray<{ readonly traceId: string; readonly spanId: string }>;
  readonly status: { readonly code: number };
}

export interface CollectedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly id: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** Ids of the spans that it is linked with. */
  readonly links: readonly string[];
  readonly failed: boolean;
}

/** What traces are sent to: OTLP over HTTP, as JSON. */
export class TraceCollector {
  readonly spans: CollectedSpan[] = [];
  /** Everything that was received, as text. */
  received = '';
  requests = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** @param hangs it takes what is sent and never answers */
  static async start({ hangs = false }: { readonly hangs?: boolean } = {}): Promise<TraceCollector> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const collector = new TraceCollector(server, `http://127.0.0.1:${port}`);
    server.on('request', (request, response) => {
      collector.requests += 1;
      if (hangs) return;
      void collector.take(request).then((isTaken) => {
        response.writeHead(isTaken ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
      });
    });
    return collector;
  }

  /** Waits until there are such spans, and returns them. */
  async named(name: string, count = 1, traceId?: string): Promise<CollectedSpan[]> {
    const found = () =>
      this.spans.filter((span) => span.name === name && (!traceId || span.traceId === traceId));
    return until(
      () => Promise.resolve(found()),
      (spans) => spans.length >= count,
    );
  }

  /** The only one of a trace, once it is there. */
  async only(name: string, traceId: string): Promise<CollectedSpan> {
    const spans = await this.named(name, 1, traceId);
    if (!spans[0] || spans.length > 1) throw new Error(`${spans.length} spans are named ${name}`);
    return spans[0];
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async take(request: IncomingMessage): Promise<boolean> {
    if (request.method !== 'POST' || request.url !== '/v1/traces') return false;
    const sent = (await json(request)) as Sent;
    this.received += JSON.stringify(sent);
    for (const { resource, scopeSpans } of sent.resourceSpans) {
      const service = String(valuesOf(resource.attributes)['service.name']);
      this.spans.push(...scopeSpans.flatMap(({ spans }) => spans.map((span) => collected(service, span))));
    }
    return true;
  }
}

function collected(service: string, span: SentSpan): CollectedSpan {
  return {
    ...{ service, traceId: span.traceId, id: span.spanId, name: span.name },
    parentId: span.parentSpanId ?? null,
    attributes: valuesOf(span.attributes),
    links: span.links.map(({ spanId }) => spanId),
    failed: span.status.code === 2,
  };
}

function valuesOf(attributes: Attributes): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]),
  );
}
