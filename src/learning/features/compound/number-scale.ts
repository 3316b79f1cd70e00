import { z } from 'zod';
import { type Value } from '../../../engine/onnx';
import { div, isNaN, max, min, sub, where } from '../../../engine/ops';

/**
 * How one number is imputed, clipped to [`low`, `high`] and standardized. Fitted on the training part; representable in
 * float32, and `std` above 0.
 */
export const numberScale = z.strictObject({
  median: z.number(),
  low: z.number(),
  high: z.number(),
  mean: z.number(),
  std: z.number().positive(),
});
export type NumberScale = z.infer<typeof numberScale>;

/** Fits a scale to the raw values of the training part, `NaN` where missing. */
export type FitScale = (values: Float32Array, transform: 'identity' | 'log1p') => NumberScale;

/** @param value transformed; `NaN` is missing */
export function scaled({ median, low, high, mean, std }: NumberScale, value: number): number {
  const imputed = Number.isNaN(value) ? median : value;
  return (Math.min(Math.max(imputed, low), high) - mean) / std;
}

/** The same in a graph, with one scale for each entry of the last axis. */
export function scaledValue(x: Value, scales: readonly NumberScale[]): Value {
  const constants = (of: (scale: NumberScale) => number): Value =>
    x.graph.constant({
      dtype: 'float32',
      shape: [scales.length],
      data: Float32Array.from(scales, of),
    });
  const imputed = where(
    isNaN(x),
    constants(({ median }) => median),
    x,
  );
  const lifted = max(
    imputed,
    constants(({ low }) => low),
  );
  const clipped = min(
    lifted,
    constants(({ high }) => high),
  );
  const centred = sub(
    clipped,
    constants(({ mean }) => mean),
  );
  return div(
    centred,
    constants(({ std }) => std),
  );
}
