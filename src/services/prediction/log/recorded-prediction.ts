import { type FeatureSpec } from '../../../learning/features/feature-spec';
import { type CompletedRecord } from '../complete-history';
import { type OutcomeSource } from '../outcomes/outcomes.service';
import { type Snapshot } from './snapshot';

export const PREDICTION_ROLES = ['CHAMPION', 'CHALLENGER'] as const;
/** What the version was, among those of its domain, when it answered. */
export type PredictionRole = (typeof PREDICTION_ROLES)[number];

/** An example that a version has scored: one row of the log, whoever asked for it. */
export interface ScoredExample {
  /** A discovered domain's kind, such as `ECOMMERCE_PURCHASE`. */
  readonly domain: string;
  readonly subjectId: string | null;
  /** The moment of prediction. */
  readonly at: Date;
  /** As the model saw it. */
  readonly example: Pick<CompletedRecord, 'record' | 'history'>;
  /** Of the version. */
  readonly spec: FeatureSpec;
  readonly modelVersionId: string;
  /** Content address of the artifact, lower-case hex. */
  readonly artifactSha256: string;
  readonly role: PredictionRole;
  /** For scores that were not shown: the id of the prediction that was, of the same example. Null: this was shown. */
  readonly shadowOf: string | null;
  /** The trial of a challenger that it counts in. */
  readonly trialId?: string | null;
  readonly threshold: number;
  readonly probability: number;
  readonly logit: number;
}

/** A row of the log without its snapshot. */
export interface RecordedScore {
  /** A UUIDv7. */
  readonly id: string;
  readonly domain: string;
  readonly at: Date;
  /** When it was answered. */
  readonly recordedAt: Date;
  readonly modelVersionId: string;
  readonly artifactSha256: string;
  readonly role: PredictionRole;
  readonly shadowOf: string | null;
  readonly threshold: number;
  readonly probability: number;
  readonly logit: number;
}

/** What became of what was predicted. */
export interface RecordedOutcome {
  readonly label: boolean;
  /** When it was so. */
  readonly at: Date;
  readonly value: number | null;
  readonly source: OutcomeSource;
}

/** A row of the log: exactly what was answered, and what it was answered from. */
export interface RecordedPrediction extends RecordedScore, Omit<Snapshot, 'subjectId'> {
  readonly subjectId: string | null;
  /** Of the shown prediction; null before it is told. */
  readonly outcome: RecordedOutcome | null;
}
