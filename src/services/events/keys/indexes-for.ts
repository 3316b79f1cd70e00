import { derivedFeatures, needsPrior } from '../../../learning/features/derived/read-derived';
import { type FeatureSpec } from '../../../learning/features/feature-spec';
import { ALL_EVENTS, definitionOf, type EventIndex, indexOf, keyedFeatures } from './event-index';

/** The indexes that the features of a specification are looked up in, each once. */
export function indexesFor(spec: FeatureSpec): EventIndex[] {
  const indexes = [
    ...keyedFeatures(spec).flatMap((feature) => indexOf(spec, feature) ?? []),
    ...(derivedFeatures(spec).some(needsPrior) ? [ALL_EVENTS] : []),
  ];
  return [...new Map(indexes.map((index) => [definitionOf(index), index])).values()];
}
