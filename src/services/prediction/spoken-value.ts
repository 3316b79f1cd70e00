import { type SequenceField, type StaticFeature } from '../../learning/features/feature-spec';

const UNITS = [
  ['year', 365 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** Seconds in the largest unit of which there are two or more: `3 days`, `90 minutes`; below two minutes, `45 seconds`. */
export function spokenSeconds(seconds: number): string {
  const [unit, length] = UNITS.find(([, each]) => seconds >= 2 * each) ?? (['second', 1] as const);
  const count = Math.round(seconds / length);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** A number as people read it: thousands apart, at most two decimals where it is 10 or more, else four digits. */
export function spokenNumber(value: number): string {
  const options = Math.abs(value) >= 10 ? { maximumFractionDigits: 2 } : { maximumSignificantDigits: 4 };
  return value.toLocaleString('en', options).replace('-', '−');
}

/**
 * A raw value as a reason says it. `elapsed` fields are seconds before the moment of prediction.
 *
 * @param value as the model was told; null where it is missing
 */
export function spokenValue(feature: StaticFeature | SequenceField, value: string | null): string | null {
  if (value === null) return null;
  const number = Number(value);
  if (feature.type === 'elapsed') return spokenSeconds(number);
  if (
    feature.type === 'derived' &&
    'aggregate' in feature &&
    feature.aggregate.toLowerCase().includes('seconds')
  )
    return spokenSeconds(number);
  if (feature.type === 'numeric' || feature.type === 'derived') return spokenNumber(number);
  return value;
}
