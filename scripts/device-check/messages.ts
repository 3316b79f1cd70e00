import { type Device } from '../../src/engine/runtime';

/** What a process that computes cases is told. */
export interface CasesOrder {
  readonly device: Device;
  /** Of `allCases`, by name. */
  readonly names: readonly string[];
}

/** What it reports: each case as it begins, so that a crash has a name, and as it ends. */
export type CaseReport = { readonly begun: string } | { readonly ended: CaseResult };

export interface CaseResult {
  readonly name: string;
  readonly seconds: number;
  /** Largest difference from the CPU, relative; null when it came to none. */
  readonly error: number | null;
  /** What is wrong; null when nothing is. */
  readonly failure: string | null;
}
