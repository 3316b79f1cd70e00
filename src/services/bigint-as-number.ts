import { type ValueTransformer } from 'typeorm';

/** PostgreSQL's bigint arrives as text; ours are counts and sizes, far below 2^53. */
export const bigintAsNumber: ValueTransformer = {
  to: (value: number | null | undefined): number | null | undefined => value,
  from: (value: string | null): number | null => (value === null ? null : Number(value)),
};
