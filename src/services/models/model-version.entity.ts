import { Column, CreateDateColumn, Entity } from 'typeorm';
import { type Baseline } from '../../learning/baseline/baseline';
import { type Evaluation } from '../../learning/evaluation/evaluate';
import { type RateIntervals } from '../../learning/evaluation/rate-intervals';
import { type Certificate } from '../../learning/export/certificate';
import { type ExplainerCertificate } from '../../learning/explanation/explanations';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { TenantEntity } from '../../platform/persistence/tenant-entity';
import { bigintAsNumber } from '../bigint-as-number';
import { storedSpec } from '../domains/stored-spec-column';

/** What a training run brought forth: an artifact, the evidence about it, and what its inputs mean. Never changed. */
@Entity('model_versions')
export class ModelVersion extends TenantEntity {
  /** A discovered domain's kind, such as `ECOMMERCE_PURCHASE`. */
  @Column({ type: 'text' })
  kind!: string;

  /** 1, 2, 3 … per tenant and kind. */
  @Column({ type: 'integer' })
  number!: number;

  @Column({ name: 'run_id', type: 'uuid' })
  runId!: string;

  /** Content address of the ONNX file in the tenant's object store, lower-case hex. */
  @Column({ name: 'artifact_sha256', type: 'text' })
  artifactSha256!: string;

  @Column({ name: 'artifact_bytes', type: 'bigint', transformer: bigintAsNumber })
  artifactBytes!: number;

  /** Content address of the held-out predictions (CSV: part, id, label, probability, subject, features). */
  @Column({ name: 'predictions_sha256', type: 'text' })
  predictionsSha256!: string;

  /** The specification that the model was trained with, and therefore the inputs that it takes. */
  @Column({ name: 'feature_spec', type: 'jsonb', transformer: storedSpec })
  featureSpec!: FeatureSpec;

  /** On the test part, at the recommended threshold. */
  @Column({ type: 'jsonb' })
  evaluation!: Evaluation;

  @Column({ type: 'jsonb' })
  certificate!: Certificate;

  /**
   * Of what explains its answers, which is in the tenant's object store if its answers add up; null for versions that
   * were trained before there was any.
   */
  @Column({ type: 'jsonb', nullable: true })
  explainer!: ExplainerCertificate | null;

  /**
   * What it is to be worth more than; null for logistic regressions, and for versions that were trained before there were
   * any.
   */
  @Column({ type: 'jsonb', nullable: true })
  baseline!: Baseline | null;

  /** The bounds of its probabilities' rates; null for versions that were trained before there were any. */
  @Column({ name: 'rate_intervals', type: 'jsonb', nullable: true })
  rateIntervals!: RateIntervals | null;

  /**
   * Content address of what drift is told by, JSON in the tenant's object store; null for versions that were trained
   * before there was any.
   */
  @Column({ name: 'drift_reference_sha256', type: 'text', nullable: true })
  driftReferenceSha256!: string | null;

  /**
   * Content address of what a later training can start from, in the tenant's object store; null for versions that were trained
   * before it was kept.
   */
  @Column({ name: 'weights_sha256', type: 'text', nullable: true })
  weightsSha256!: string | null;

  /** Whether it has learned from a subject that was erased since, itself or what it started from. */
  @Column({ name: 'trained_on_erased', type: 'boolean', default: false })
  trainedOnErased!: boolean;

  /** Maximum F1 on the validation part, in (0, 1). */
  @Column({ name: 'recommended_threshold', type: 'double precision' })
  recommendedThreshold!: number;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  /** When it was retired, because a subject that it was trained on was erased; it may not be promoted since. */
  @Column({ name: 'retired_at', type: 'timestamptz', nullable: true })
  retiredAt!: Date | null;

  /** The request to erase the subject. */
  @Column({ name: 'retired_by', type: 'uuid', nullable: true })
  retiredBy!: string | null;

  /** Retired, it serves on for as long as no other is promoted. */
  @Column({ name: 'serves_until_replaced', type: 'boolean' })
  servesUntilReplaced!: boolean;
}
