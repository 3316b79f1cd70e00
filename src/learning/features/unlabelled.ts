import { type FeatureSpec, type LabelledSpec } from './feature-spec';

/** In the place of a label: there is none, because examples are only to be scored. */
export interface Unlabelled {
  readonly isUnlabelled: true;
}

/**
 * The specification that examples are scored with. It reads no label and divides nothing; whatever row can be read is an
 * example: neither copies are dropped (but of events, which are the same event) nor what lies after the training's data.
 */
export function unlabelled(spec: FeatureSpec): FeatureSpec {
  const { timeFormats } = spec.cleaning ?? {};
  return {
    ...spec,
    label: { isUnlabelled: true },
    dataUntil: undefined,
    split: undefined,
    cleaning: timeFormats && { timeFormats },
  };
}

export function isLabelled(spec: FeatureSpec): spec is LabelledSpec {
  return !('isUnlabelled' in spec.label);
}
