import { z } from 'zod';
import { add, cast, concat, cos, isNaN, log, mul, sin, slice, where } from '../../../engine/ops';
import { isMissingText, isWord } from '../cell-text';
import { type MomentCleaning, momentCleaning } from '../cleaning';
import { describeValue, Problem } from '../feature-value';
import {
  CYCLE_PERIOD,
  CYCLIC_PARTS,
  cyclicValue,
  EARLIEST_MOMENT_MS,
  elapsedSeconds,
  LATEST_MOMENT_MS,
} from '../moment';
import { columnName, featureName } from '../spec-fields';
import { parseMomentAs, wantedMoment } from '../time-formats';
import { type NumbersKind } from './compound-kind';
import { numberScale, scaled, scaledValue } from './number-scale';

/**
 * A moment other than the example's own, such as a sign-up: the time from it to the moment of prediction, and parts of
 * it. What lies after the moment of prediction cannot have been known then, and is missing.
 */
export const timestampFeature = z.strictObject({
  type: z.literal('timestamp'),
  name: featureName,
  column: columnName.optional(),
  /** In UTC, each encoded as sine and cosine. */
  parts: z
    .array(z.enum(CYCLIC_PARTS))
    .max(CYCLIC_PARTS.length)
    .refine((parts) => new Set(parts).size === parts.length, { error: 'names a part twice' })
    .default(['hourOfDay', 'dayOfWeek']),
  cleaning: momentCleaning.optional(),
});

/** Encoded: ln(1+s) of the elapsed seconds, standardized; 1 if missing, else 0; sine and cosine of each part, or zeros. */
export const timestampEncoder = z.strictObject({
  type: z.literal('timestamp'),
  name: z.string().min(1),
  elapsed: numberScale,
  /** Raw units in one turn, for each part. */
  periods: z.array(z.number().positive()),
});

export type TimestampFeature = z.infer<typeof timestampFeature>;

const missing = new WeakMap<MomentCleaning, readonly number[]>();

/** The moments that stand for a missing one, in milliseconds since 1970. */
export function missingMoments(cleaning: MomentCleaning | undefined): readonly number[] {
  if (!cleaning?.missing) return [];
  const known = missing.get(cleaning);
  if (known) return known;
  const { missing: texts, timeFormats } = cleaning;
  const moments = texts.map((text) => parseMomentAs(text, timeFormats)).filter((ms) => !Number.isNaN(ms));
  missing.set(cleaning, moments);
  return moments;
}

/** Its content is milliseconds since 1970; `NaN` when it is missing. Raw: elapsed seconds, then the parts. */
export const timestamp: NumbersKind<TimestampFeature, z.infer<typeof timestampEncoder>, number> = {
  holds: 'numbers',
  encoder: timestampEncoder,
  cell: ({ cleaning: { timeFormats = [], missing } = {} }) => ({
    type: 'moment',
    formats: timeFormats,
    ...(missing && { missing }),
  }),
  width: ({ parts }) => 1 + parts.length,
  read: ({ cleaning }, value) => {
    const formats = cleaning?.timeFormats ?? [];
    if (typeof value === 'string' && isMissingText(value)) return NaN;
    // A number may be seconds since 1970, where the formats say so.
    const isWritten = typeof value === 'string' || typeof value === 'number';
    const ms = isWritten
      ? parseMomentAs(String(value), formats)
      : value instanceof Date
        ? value.getTime()
        : NaN;
    if (ms >= EARLIEST_MOMENT_MS && ms < LATEST_MOMENT_MS) return ms;
    const isNone = typeof value === 'string' && isWord(cleaning?.missing, value);
    return isNone || missingMoments(cleaning).includes(ms)
      ? NaN
      : new Problem(
          `must be ${formats.length === 0 ? 'an' : 'a'} ${wantedMoment(formats)}, or null, not ${describeValue(value)}`,
        );
  },
  write: ({ parts, cleaning }, ms, at, { into, offset }) => {
    if (!(ms <= at) || missingMoments(cleaning).includes(ms)) return;
    into[offset] = elapsedSeconds(ms, at);
    parts.forEach((part, index) => {
      into[offset + 1 + index] = cyclicValue(part, ms);
    });
  },
  fit: ({ name, parts }, [elapsed = new Float32Array()], fitScale) => ({
    type: 'timestamp',
    name,
    elapsed: fitScale(elapsed, 'log1p'),
    periods: parts.map((part) => CYCLE_PERIOD[part]),
  }),
  encodedWidth: ({ periods }) => 2 + 2 * periods.length,
  encode: ({ elapsed, periods }, raw, { into, offset }) => {
    const seconds = raw.into[raw.offset] ?? NaN;
    into[offset] = scaled(elapsed, Math.log(1 + seconds));
    into[offset + 1] = Number.isNaN(seconds) ? 1 : 0;
    if (Number.isNaN(seconds)) return;
    periods.forEach((period, index) => {
      const angle = (2 * Math.PI * (raw.into[raw.offset + 1 + index] ?? NaN)) / period;
      into[offset + 2 + index] = Math.sin(angle);
      into[offset + 2 + periods.length + index] = Math.cos(angle);
    });
  },
  graph: ({ elapsed, periods }, raw) => {
    const last = raw.rank - 1;
    const seconds = slice(raw, { axis: last, start: 0, end: 1 });
    // In double precision, so that a row's answer does not depend on how many rows are beside it.
    const transformed = cast(log(add(cast(seconds, 'float64'), 1)), 'float32');
    const missing = isNaN(seconds);
    const parts = [scaledValue(transformed, [elapsed]), cast(missing, 'float32')];
    if (periods.length > 0) {
      const turns = raw.graph.constant({
        dtype: 'float64',
        shape: [periods.length],
        data: Float64Array.from(periods, (period) => (2 * Math.PI) / period),
      });
      const own = slice(raw, { axis: last, start: 1, end: 1 + periods.length });
      const angles = mul(cast(own, 'float64'), turns);
      for (const turn of [sin, cos]) parts.push(where(missing, 0, cast(turn(angles), 'float32')));
    }
    return concat(parts, last);
  },
};
