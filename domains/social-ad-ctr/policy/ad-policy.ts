import { type PolicyDefinition } from '../../../src/services/policies/policy-definition';
import { AD_KIND } from '../ad-kind';
import { decideAd } from '../ranking/decide-ad';
import { type AdPolicyFigures, FREQUENCY, previewAdPolicy } from './ad-policy-preview';
import { type AdPolicy, adPolicySchema } from './ad-policy-schema';

/** How a network decides which ads to show: caps, floors, pacing and exploration. */
export const adPolicy: PolicyDefinition<AdPolicy, AdPolicyFigures> = {
  kind: AD_KIND,
  schema: adPolicySchema,
  standard: {},
  featuresOf: () => [FREQUENCY],
  preview: previewAdPolicy,
  decide: decideAd,
};
