import { numberOfText, trimText } from '../features/cell-text';
import { type FeatureSpec } from '../features/feature-spec';
import { ANY_KIND, type EventLabel, eventLabelOf } from '../features/label-spec';
import { eventIssues, type StoredEvent, textOf } from './stored-event';

/** A label that follows from stored events within a window. */
export type FollowingLabel = EventLabel & { readonly windowMs: number };

/**
 * The label of a spec, where a subject's stored events decide it in a known time: not where it is a column, or ends with a
 * session, of which a prediction does not say which it is in.
 */
export function followingLabel(spec: FeatureSpec): FollowingLabel | null {
  const label = spec.shape === 'EVENTS' ? eventLabelOf(spec.label) : null;
  if (!label || label.windowMs === null) return null;
  return { ...label, windowMs: label.windowMs };
}

/** Whether training would count a stored event as one that decides the label. */
export function isLabelEvent(spec: FeatureSpec, { kind, where }: EventLabel, event: StoredEvent): boolean {
  if (kind !== ANY_KIND && event.kind !== kind) return false;
  if (eventIssues(spec, event).length > 0) return false;
  if (where === null) return true;
  const text = textOf(spec, event, where.column);
  if (where.oneOf) return where.oneOf.includes(trimText(text));
  const { atLeast = -Infinity, above = -Infinity, atMost = Infinity, below = Infinity } = where;
  const number = numberOfText(text);
  return number >= atLeast && number > above && number <= atMost && number < below;
}
