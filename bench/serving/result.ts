export const CASES = ['stub', 'single', 'lookup', 'reasons', 'batch', 'raw'] as const;
export type CaseName = (typeof CASES)[number];

/** Over all turns of a case. */
export interface CaseResult {
  readonly case: CaseName;
  readonly requestsPerSecond: number;
  /** Predictions; of the stub, answers. */
  readonly rowsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers that were none. */
  readonly errors: number;
}

/** Each the median over the rounds, of cases that were measured right after one another. */
export interface Ratios {
  readonly singleToStub: number;
  readonly batchToRaw: number;
  readonly singleP99ToStub: number;
}

/** One process that serves many tenants, each with a model of its own, in a cache that holds some of them. */
export interface TenantsResult {
  readonly tenants: number;
  readonly cacheLimitMb: number;
  /** Of the first request of a tenant, whose model is nowhere in memory. */
  readonly coldP50Ms: number;
  readonly coldP99Ms: number;
  /** Of requests for a model that is loaded. */
  readonly warmP50Ms: number;
  /** Of the server: before the first model, and at most while every tenant asks twice. */
  readonly idleMb: number;
  readonly peakMb: number;
  /** What the loaded models are accounted for, at most. */
  readonly cachedMb: number;
  readonly loads: number;
  readonly errors: number;
}

export interface ServingResult {
  readonly results: readonly CaseResult[];
  readonly ratios: Ratios;
  readonly tenants: TenantsResult | null;
  readonly machine: {
    readonly processor: string;
    /** That the server, its database and the load share. */
    readonly cores: number;
    readonly inferenceThreads: number;
    readonly node: string;
  };
}
