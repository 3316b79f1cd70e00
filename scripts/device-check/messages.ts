import { type Device } from '../../src/engine/runtime';

/** What a process that computes cases is told. */
export interface CasesOrder {
  readonly device: Device;
  /** Of `allCases`, by name. */
  readonly names: readonly string[];
}

/** What it reports: each case as it begins, so that a crash has a name, and as it ends. */
export type CaseReport =
  | { readonly begun: string }
  | { readonly ended: CaseResult }
  /** Why the device opens no session. */
  | { readonly unusable: string };

export interface CaseResult {
  readonly name: string;
  readonly seconds: number;
  /** Largest difference from the CPU, relative; null when it came to none. */
  readonly error: number | null;
  /** What is wrong; null when nothing is. */
  readonly failure: string | null;
}

/** What a process that times training is told. */
export interface TimingOrder {
  /** Of `timedModels`. */
  readonly model: string;
  readonly batch: number;
  readonly device: Device;
  readonly threads: number;
  /** How long each side trains, about. */
  readonly seconds: number;
  /** Whether PyTorch is timed too, where it is there. */
  readonly withPeer: boolean;
}

export interface Timing {
  readonly samplesPerSecond: number;
  readonly cpuSamplesPerSecond: number;
  /** PyTorch on the same card; null where it is not there or was not asked for. */
  readonly peer: { readonly name: string; readonly samplesPerSecond: number } | null;
}

/** What it reports: each side that is measured, so that it is known to live, and all in the end. */
export type TimingReport = { readonly measured: Device } | { readonly timing: Timing };

/** What a process that looks for fallbacks is told, and what it reports. */
export interface FallbacksOrder {
  readonly device: Device;
}

export interface FallbacksReport {
  /** Ops of which a sample ran on the CPU, by name. */
  readonly onCpu: readonly string[];
}
