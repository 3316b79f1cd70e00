import { z } from 'zod';

/** What a feature is called: in requests, in the artifact's inputs and in messages. */
export const featureName = z
  .string()
  .regex(
    /^[a-z][A-Za-z0-9_]{0,62}$/,
    'a name starts with a lower-case letter and holds letters, digits and _',
  );

/** A column of the file. */
export const columnName = z.string().min(1).max(200);

/** Bins of a coded number where the spec names no number of them. */
export const DEFAULT_BINS = 16;

/** How a number reaches the network. */
export const numberEncoding = {
  /** `log1p`: sign(x)·ln(1+|x|), for heavy tails (amounts, durations). */
  transform: z.enum(['identity', 'log1p']).default('identity'),
  /**
   * `standard`: one standardized number; a missing one is imputed by the training part's median.
   * `quantileBins`: one column for each bin, 1 in the bin that the number lies in.
   * `piecewiseLinear`: one column for each bin, how far through it the number has come, 0 to 1: any curve with bends at
   * the edges is linear in them (Gorishniy et al. 2022).
   * The bins' edges are quantiles of the training part. A missing number is in no bin.
   */
  encoding: z.enum(['standard', 'quantileBins', 'piecewiseLinear']).default('standard'),
  /** Most bins; fewer where the training part has fewer different values. */
  bins: z.int().min(2).max(128).optional(),
};
