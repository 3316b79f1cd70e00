import { type Explanation } from '../../learning/explanation/explanations';
import { isCompound, rawWidth } from '../../learning/features/compound';
import {
  type FeatureSpec,
  type SequenceField,
  type StaticFeature,
} from '../../learning/features/feature-spec';
import { type RawExamples, type RawSequences } from '../../learning/features/raw-examples';
import { type ExampleRecord } from '../../learning/features/raw-from-records';
import { spokenValue } from './spoken-value';

/** What a value adds to the logit. */
export interface Contribution {
  /** Of a feature, or of a field of events. */
  readonly name: string;
  /** As the model was told, before encoding; null where it is missing. */
  readonly value: string | null;
  /** The same as people say it: `3 days`, `45,000`. */
  readonly spoken: string | null;
  /** In units of the calibrated logit: above 0 it speaks for yes. */
  readonly contribution: number;
}

/** What one event of the history adds, all its fields together. */
export interface EventContribution {
  /** Among the events that the model saw, from 0, the oldest. */
  readonly index: number;
  /** Null where steps have no moments. */
  readonly at: Date | null;
  /** How long before the moment of prediction, `3 days ago`; null for models that are not told. */
  readonly ago: string | null;
  readonly contribution: number;
  /** In the order of the specification; they add up to the event's. */
  readonly fields: readonly Contribution[];
}

/** Why the logit of one example is what it is. */
export interface Reasons {
  /** Calibrated, as the prediction's own. */
  readonly logit: number;
  /** That of the average example that the model was trained on. */
  readonly baselineLogit: number;
  /** One for each feature, in the order of the specification. */
  readonly features: readonly Contribution[];
  /** Oldest first. */
  readonly events: readonly EventContribution[];
  /** What it adds that there are so many events; null for models without history. */
  readonly length: { readonly events: number; readonly usual: number; readonly contribution: number } | null;
  /** What the numerical integral misses: logit − baselineLogit − all contributions. */
  readonly error: number;
}

/** What was explained. */
export interface Explained {
  readonly spec: FeatureSpec;
  readonly raw: RawExamples;
  readonly record: ExampleRecord;
  /** Its place among the raw examples. */
  readonly row: number;
  /** Length of the average example's history; null for models without history. */
  readonly usualLength: number | null;
}

/** Names and values to an explainer's numbers. */
export function reasonsOf(explanation: Explanation, explained: Explained): Reasons {
  const { spec, raw, row, usualLength } = explained;
  const { logit, baseline: baselineLogit, features, events, length, error } = explanation;
  const sequence = spec.sequence && raw.sequence;
  const count = sequence?.lengths[row] ?? 0;
  return {
    logit,
    baselineLogit,
    features: spec.features.map((feature, index) => ({
      name: feature.name,
      ...told(feature, valueOf(feature, raw, row)),
      contribution: features[index] ?? 0,
    })),
    events: sequence ? eventsOf(events, sequence, explained) : [],
    length: usualLength === null ? null : { events: count, usual: usualLength, contribution: length },
    error,
  };
}

function eventsOf(
  values: Float32Array,
  raw: RawSequences,
  { spec, record, row }: Explained,
): EventContribution[] {
  const fields = spec.sequence?.fields ?? [];
  const count = raw.lengths[row] ?? 0;
  const moments = momentsSeen(record, count);
  const since = fields.findIndex(({ type }) => type === 'elapsed');
  return Array.from({ length: count }, (_, index) => {
    const own = fields.map((field, place) => ({
      name: field.name,
      ...told(field, valueOf(field, raw, row * raw.maxLength + index)),
      contribution: values[index * fields.length + place] ?? 0,
    }));
    return {
      index,
      at: moments[index] ?? null,
      ago: since < 0 ? null : `${own[since]?.spoken ?? 'some time'} ago`,
      contribution: own.reduce((sum, { contribution }) => sum + contribution, 0),
      fields: own,
    };
  });
}

/** The moments of the events that the model saw, oldest first: the latest of them, in the order that they are read in. */
function momentsSeen({ history = [] }: ExampleRecord, count: number): (Date | undefined)[] {
  const moments = history.map(({ at }) => at).sort((a, b) => (a?.getTime() ?? 0) - (b?.getTime() ?? 0));
  return moments.slice(moments.length - count);
}

function told(feature: StaticFeature | SequenceField, value: string | null) {
  return { value, spoken: spokenValue(feature, value) };
}

/** A raw value as text; null where it is missing. */
function valueOf(
  feature: StaticFeature | SequenceField,
  { numeric, categorical }: Pick<RawExamples, 'numeric' | 'categorical'>,
  place: number,
): string | null {
  const width = isCompound(feature) ? rawWidth(feature) : 1;
  const texts = categorical[feature.name]?.slice(place * width, (place + 1) * width);
  if (texts) return texts.filter((text) => text !== '').join(', ') || null;
  const numbers = numeric[feature.name]?.subarray(place * width, (place + 1) * width) ?? new Float32Array();
  if (numbers.every(Number.isNaN)) return null;
  return Array.from(numbers, shortest).join(', ');
}

/** The shortest decimal that is this number in single precision: 0.1, not 0.10000000149011612. */
function shortest(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
  return String(value);
}
