import { ScannedInputs } from '../given/scanned-inputs';
import { type ComplexityEstimator } from 'graphql-query-complexity';

/**
 * The unit of cost is a row that is read, or a prediction that is made. A field's `complexity` says what it costs where
 * that is not one for an object and nothing for a plain value.
 */
export const COST = {
  /** A query beside those of the rows. */
  QUERY: 5,
  /** Writes a row, and tells other processes. */
  CHANGE: 20,
  /** Runs a model at many points beside its prediction. */
  EXPLANATION: 20,
  /** Reads a file of the object store. */
  FILE: 50,
  /** Reads more rows than it answers with. */
  SUMMARY: 100,
  /** Reads a whole dataset the first time. */
  DATASET: 200,
  /** Makes work that goes on after the answer: an upload, a snapshot, a training. */
  JOB: 500,
} as const;

/**
 * A field that does its work for each item of a list in its arguments, and answers each.
 * @param list path of the list, such as `input.events`
 */
export function perItem(list: string): ComplexityEstimator {
  const path = list.split('.');
  return ({ args, childComplexity }) => {
    const value = path.reduce<unknown>(
      (holder, key) =>
        typeof holder === 'object' && holder !== null
          ? (holder as Readonly<Record<string, unknown>>)[key]
          : undefined,
      args,
    );
    return Math.max(1, lengthOf(value)) * (1 + childComplexity);
  };
}

function lengthOf(value: unknown): number {
  if (value instanceof ScannedInputs) return value.count;
  return Array.isArray(value) ? value.length : 1;
}

/** A list whose length no argument says. */
export function about(items: number): ComplexityEstimator {
  return ({ childComplexity }) => items * (1 + childComplexity);
}
