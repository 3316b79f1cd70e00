import { type ExplainerCertificate } from '../../learning/explanation/explanations';
import { type RateIntervals } from '../../learning/evaluation/rate-intervals';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type ArtifactKey } from './pool/tensors';
import { type RunningChallenger } from './trials/running-challenger';

/** Which model version answered. */
export interface ServingVersion {
  readonly id: string;
  /** 1, 2, 3 … among the versions of the kind in the tenant. */
  readonly number: number;
  readonly createdAt: Date;
  /** The latest moment among the examples that it was fitted on; none where these have no moments. */
  readonly trainedUntil?: Date | null;
}

/** All that is needed to score examples with a model version. */
export interface Servable {
  readonly version: ServingVersion;
  readonly artifact: ArtifactKey;
  /** What explains its answers; none when it was trained before there was any. */
  readonly explainer?: { readonly key: ArtifactKey; readonly certificate: ExplainerCertificate } | null;
  /** Within what bounds its probabilities' rates lie; none when it was trained before there were any. */
  readonly rateIntervals?: RateIntervals | null;
  /** The specification that it was trained with, and so the inputs that it takes. */
  readonly spec: FeatureSpec;
  /** Probabilities from here on are called positive, in (0, 1): the tenant's, else the version's recommendation. */
  readonly threshold: number;
  /** Share of the subjects whose predictions are recorded without being asked for, 0 to 1; none when absent. */
  readonly recordShare?: number;
  /** What is tried out beside a champion; none when absent. */
  readonly challenger?: RunningChallenger | null;
}
