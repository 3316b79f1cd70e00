import { type Comparison } from './comparison';
import { type IdDistribution } from './reference';

export interface ModelResult extends Comparison {
  readonly model: string;
  readonly batch: number;
  /** Number of trainable numbers, the same on both sides. */
  readonly parameters: number;
  /** Cores that other processes kept busy meanwhile, on average: 0 on a quiet machine. */
  readonly otherLoad: number;
}

/** The reference model with one size changed. */
export interface ScalingPoint {
  readonly vary: 'sequenceLength' | 'hidden' | 'vocabulary';
  readonly value: number;
  readonly ids: IdDistribution;
  readonly batch: number;
  readonly msPerStep: number;
  readonly cpuMsPerStep: number;
}

/** Resident memory of a process. */
export interface MemoryUse {
  /** Libraries loaded, no model built. */
  readonly idleBytes: number;
  readonly peakBytes: number;
}

export interface ModelMemory extends MemoryUse {
  readonly model: string;
  readonly batch: number;
  readonly peer: (MemoryUse & { readonly name: string }) | null;
}

/** Of the time that ops take: 0..1. */
export interface OpShare {
  readonly op: string;
  readonly share: number;
}

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly threads: number;
  readonly node: string;
  readonly onnxruntime: string;
  /** Null where there is none. */
  readonly torch: string | null;
}

/** What `npm run bench -- training --json` prints. Parts that were not asked for are empty or null. */
export interface TrainingResult {
  readonly results: readonly ModelResult[];
  readonly scaling: readonly ScalingPoint[];
  readonly memory: readonly ModelMemory[];
  /** Of the reference model: the matrix products' part of `opShares`. */
  readonly matmulShare: number | null;
  readonly opShares: readonly OpShare[];
  readonly machine: Machine;
}
