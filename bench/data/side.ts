import { type Format } from './options';

export interface SideInput {
  readonly path: string;
  readonly format: Format;
  /** An existing folder for what does not fit into memory. */
  readonly workDirectory: string;
}

/** What a side found: the same for both, or they did not do the same. */
export interface Found {
  readonly examples: number;
  readonly positives: number;
  /** Of all examples' histories together. */
  readonly historyEvents: number;
}

export type Side = (input: SideInput) => Promise<Found>;
