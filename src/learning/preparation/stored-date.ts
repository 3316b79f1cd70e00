import { numberOfText } from '../features/cell-text';
import { isBag, isCompound, numbersKind } from '../features/compound';
import { Problem } from '../features/feature-value';
import { type FeatureSpec, type StaticFeature } from '../features/feature-spec';
import { type FeatureValue } from '../features/raw-from-records';
import { columnOf } from './column-plan';
import { eventIssues, type StoredEvent, textOf } from './stored-event';

/** The features of a moment that is a date, as far as events tell them. */
export interface DateFeatures {
  /** By name; null is missing. */
  readonly values: Readonly<Record<string, FeatureValue>>;
  /** Whether each has a value: older events change nothing. */
  readonly isComplete: boolean;
}

/** The latest given values of a subject's events, as training reads them at a date. @param events oldest first */
export function dateFeatures(spec: FeatureSpec, events: readonly StoredEvent[]): DateFeatures {
  const usable = events.filter((event) => eventIssues(spec, event).length === 0).reverse();
  const read = spec.features.filter(
    (feature) => feature.type === 'numeric' || feature.type === 'categorical' || isCompound(feature),
  );
  const values = Object.create(null) as Record<string, FeatureValue>;
  for (const feature of read) {
    values[feature.name] = null;
    for (const event of usable) {
      const value = givenValue(feature, textOf(spec, event, columnOf(feature)));
      if (value === null) continue;
      values[feature.name] = value;
      break;
    }
  }
  return { values, isComplete: Object.values(values).every((value) => value !== null) };
}

/** Null where a text is a missing value. */
function givenValue(feature: StaticFeature, text: string): FeatureValue {
  if (feature.type === 'numeric') {
    const number = numberOfText(text);
    return Number.isNaN(number) ? null : number;
  }
  if (!isCompound(feature) || isBag(feature)) return text === '' ? null : text;
  const content = numbersKind(feature).read(feature, text);
  if (content instanceof Problem) return null;
  const isGiven = typeof content === 'number' ? !Number.isNaN(content) : content.length > 0;
  return isGiven ? text : null;
}
