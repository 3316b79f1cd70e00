import { z } from 'zod';

/** What the bench asks its server beside what goes over HTTP. */
export const serverRequest = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('raw'),
    tenantId: z.string(),
    sha256: z.string(),
    /** Requests at the same time. */
    concurrency: z.number(),
    seconds: z.number(),
  }),
  z.object({ type: z.literal('usage') }),
]);
export type ServerRequest = z.infer<typeof serverRequest>;

export const rawAnswer = z.object({
  seconds: z.number(),
  latenciesMs: z.array(z.number()),
  errors: z.number(),
});
export type RawAnswer = z.infer<typeof rawAnswer>;

export const usageAnswer = z.object({
  /** Of the whole process. */
  rssBytes: z.number(),
  /** Processor time, all threads together, since the process began. */
  cpuMs: z.number(),
  /** What the loaded models are accounted for. */
  cachedBytes: z.number(),
  loads: z.number(),
  batches: z.number(),
  rows: z.number(),
});
export type UsageAnswer = z.infer<typeof usageAnswer>;
