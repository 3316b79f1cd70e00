import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Config } from '../config/config';
import { type Logger } from './logger';
import type * as Otlp from './otlp-tracer';
import { traceWith } from './tracing';

/** What the last spans may take when the process ends. */
const LAST_SPANS_MS = 2_000;

export interface OpenedTracing {
  /** Delivers what waits; after two seconds the process ends without. */
  close(): Promise<void>;
}

/** Has this process's spans told from now on, where the settings say to whom. */
export function openTracing(
  { tracesEndpoint, traceRatio }: Pick<Config, 'tracesEndpoint' | 'traceRatio'>,
  service: string,
  logger: Logger,
): OpenedTracing {
  if (tracesEndpoint === null) return { close: () => Promise.resolve() };
  // Where nothing is traced, its libraries are not loaded.
  const { OtlpTracer } = createRequire(__filename)('./otlp-tracer') as typeof Otlp;
  const tracer = new OtlpTracer({
    url: new URL('v1/traces', tracesEndpoint.replace(/\/*$/, '/')).href,
    ratio: traceRatio,
    service,
    onDelivery: (problem) => {
      if (problem === null) logger.info('traces are delivered again');
      else logger.warn({ error: problem }, 'traces cannot be delivered for now');
    },
  });
  traceWith(tracer);
  return {
    close: async () => {
      traceWith(null);
      const enough = new AbortController();
      const late = sleep(LAST_SPANS_MS, undefined, { signal: enough.signal }).catch(() => undefined);
      await Promise.race([tracer.close().catch(() => undefined), late]);
      enough.abort();
    },
  };
}
