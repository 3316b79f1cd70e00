import { type Device } from '../engine/runtime';
import { type Baseline, type FittedBaseline, isBeaten, judgeBaseline } from './baseline/baseline';
import { fitBaseline } from './baseline/fit-baseline';
import { collectReference } from './drift/collect-reference';
import { type DriftReference } from './drift/drift-reference';
import { evaluate, type Evaluation } from './evaluation/evaluate';
import { type EvaluationCurves, evaluationCurves } from './evaluation/curves';
import { type HeldOutFeature, HeldOutFeatures } from './evaluation/held-out-features';
import { calibrate, fitPlattScaling } from './evaluation/platt-scaling';
import { fitRateIntervals, type RateIntervals } from './evaluation/rate-intervals';
import { recommendThreshold } from './evaluation/recommended-threshold';
import { type ArtifactParts, buildArtifact } from './export/artifact';
import { LoadedArtifact } from './export/artifact-predictions';
import { type Certificate, CERTIFICATE_TOLERANCE, certifiedDifference, sha256 } from './export/certificate';
import { codeVersion } from './export/code-version';
import { type CertifiedExplainer, certifyExplainer } from './explanation/certify-explainer';
import { type PreparedPart } from './preparation/prepared-examples';
import { type EpochRecord } from './training/contract';
import { type FitNetworkOptions, withFittedNetwork } from './fit-network';
import { type NetworkProgram } from './training/network-program';
import { predictLogits } from './training/validate';
import { encodeKeptModel } from './warm-start/kept-model';

export type { TrainingPhase } from './fit-network';

export type TrainModelOptions = FitNetworkOptions;

/** One example that the weights were not fitted on. */
export interface HeldOutPrediction {
  readonly part: 'validation' | 'test';
  readonly id: string;
  /** 0 or 1. */
  readonly label: number;
  /** The artifact's answer: calibrated, 0..1. */
  readonly probability: number;
  /** Whose it is, as a number within this training; null where the data does not say. */
  readonly subject: number | null;
}

export interface TrainedModel {
  /** ONNX file with raw inputs. */
  readonly artifact: Uint8Array;
  /** Of the artifact's answers on the test part, at the recommended threshold. */
  readonly evaluation: Evaluation;
  readonly curves: EvaluationCurves;
  /** Largest F1 on the validation part: in (0, 1). */
  readonly recommendedThreshold: number;
  readonly certificate: Certificate;
  /** What the artifact was made from. */
  readonly network: Pick<ArtifactParts, 'featureMap' | 'model' | 'weights' | 'calibration'>;
  /** What explains the artifact's answers. */
  readonly explainer: CertifiedExplainer;
  /** What the test part says about how often such probabilities turn out positive. */
  readonly rateIntervals: RateIntervals;
  /** What it is to be worth more than; null where it is logistic regression itself. */
  readonly baseline: Baseline | null;
  /** What its inputs, scores and labels were, to tell drift by. */
  readonly driftReference: DriftReference;
  readonly predictions: readonly HeldOutPrediction[];
  /** What the predictions can be sliced by, in their order. */
  readonly heldOutFeatures: readonly HeldOutFeature[];
  readonly epochs: readonly EpochRecord[];
  /** What it was trained on. */
  readonly device: Device;
  /** From the first step to the last, of this process. */
  readonly trainSeconds: number;
  /** What a later training can start from. */
  readonly kept: Uint8Array;
}

/**
 * From prepared examples to a certified model: fit, calibrate on the validation part, export, and judge the
 * exported file itself on the test part.
 *
 * @throws AppError INVALID_DATA when a part is empty; TRAINING_FAILED when losses stop being numbers or the
 *   exported file answers differently from the trainer; INVALID_CONFIGURATION when the device cannot be used, or
 *   the model with its batches does not fit in memory.
 */
export async function trainModel(options: TrainModelOptions): Promise<TrainedModel> {
  return withFittedNetwork(options, async ({ program, epochs, seen, device, trainSeconds, ...fitted }) => {
    const exported = await exportAndJudge(program, {
      ...options,
      ...fitted,
      trained: { device, trainSeconds },
    });
    const kept = encodeKeptModel({ ...exported.network, seen });
    return { ...exported, epochs, device, trainSeconds, kept };
  });
}

interface ExportOptions extends TrainModelOptions {
  readonly fingerprint: string;
  readonly threads: number;
  readonly trained: Pick<TrainedModel, 'device' | 'trainSeconds'>;
}

async function exportAndJudge(program: NetworkProgram, options: ExportOptions) {
  const { prepared, model, signal, onPhase, onEvent, fingerprint } = options;
  const { validation, test, featureMap } = prepared;
  onPhase('EVALUATING');
  const ofValidation = await predictLogits(program, validation, signal);
  const ofTest = await predictLogits(program, test, signal);
  const calibration = fitPlattScaling(ofValidation.labels_N, ofValidation.logits_N);
  onEvent?.({ kind: 'calibrated', calibration });
  const network = { featureMap, model, weights: program.trained(), calibration };
  // What follows has the memory for itself: a session holds on to what it took.
  await program.close();
  const fitted = await baselineOf(options);
  onPhase('EXPORTING');
  const artifact = await buildArtifact({
    ...network,
    dataFingerprint: fingerprint,
    codeVersion: codeVersion(),
  });

  const loaded = await LoadedArtifact.load(artifact, featureMap.spec, options.threads);
  const features = new HeldOutFeatures(featureMap.spec, validation.count + test.count);
  const validation_N = await loaded.predict(validation, signal, (raw, first) => features.add(raw, first));
  const test_N = await loaded.predict(test, signal, (raw, first) =>
    features.add(raw, validation.count + first),
  );
  await loaded.close();
  const maxProbabilityDifference = Math.max(
    certifiedDifference(calibrate(ofValidation.logits_N, calibration), validation_N),
    certifiedDifference(calibrate(ofTest.logits_N, calibration), test_N),
  );
  onEvent?.({
    kind: 'exported',
    bytes: artifact.length,
    maxDifference: maxProbabilityDifference,
    examples: validation.count + test.count,
  });
  const explainer = await certifyExplainer({
    ...network,
    train: prepared.train,
    heldOut: [
      { part: validation, probabilities_N: validation_N },
      { part: test, probabilities_N: test_N },
    ],
    threads: options.threads,
    signal,
  });
  const driftReference = await collectReference({
    spec: featureMap.spec,
    train: prepared.train,
    test,
    testProbabilities_N: test_N,
    signal,
  });
  const recommendedThreshold = recommendThreshold(validation.labels_N, validation_N);
  const evaluation = evaluate(test.labels_N, test_N, recommendedThreshold);
  const { rocAuc, logLoss } = evaluation;
  onEvent?.({ kind: 'judged', threshold: recommendedThreshold, rocAuc, logLoss });
  const baseline =
    fitted && (await judgeBaseline(fitted, { validation, test }, { validation: validation_N, test: test_N }));
  if (baseline)
    onEvent?.({
      kind: 'gated',
      difference: baseline.difference.validation,
      isBeaten: isBeaten(baseline),
    });
  const certificate: Certificate = {
    artifactSha256: sha256(artifact),
    dataFingerprint: fingerprint,
    modelSha256: sha256(JSON.stringify(model)),
    codeVersion: codeVersion(),
    examples: prepared.counts,
    ...options.trained,
    comparedExamples: validation.count + test.count,
    maxProbabilityDifference,
    tolerance: CERTIFICATE_TOLERANCE,
    metrics: evaluation,
  };
  return {
    artifact,
    evaluation,
    curves: evaluationCurves(test.labels_N, test_N),
    recommendedThreshold,
    certificate,
    network,
    explainer,
    baseline,
    rateIntervals: fitRateIntervals(test.labels_N, test_N, test.entities_N),
    driftReference,
    predictions: [...heldOut('validation', validation, validation_N), ...heldOut('test', test, test_N)],
    heldOutFeatures: features.collected(),
  };
}

async function baselineOf(options: ExportOptions): Promise<FittedBaseline | null> {
  const { prepared, model, threads, memoryBytes, signal, onEvent } = options;
  if (model.architecture === 'linear') return null;
  const startedAt = performance.now();
  const fitted = await fitBaseline({ prepared, seed: model.seed, threads, memoryBytes, signal });
  const seconds = (performance.now() - startedAt) / 1000;
  onEvent?.({ kind: 'baseline-fitted', name: fitted.name, examples: fitted.examples, seconds });
  return fitted;
}

function heldOut(
  part: HeldOutPrediction['part'],
  held: PreparedPart,
  probabilities_N: Float32Array,
): HeldOutPrediction[] {
  return held.ids().map((id, index) => ({
    part,
    id,
    label: held.labels_N[index] ?? 0,
    probability: probabilities_N[index] ?? 0,
    subject: held.entities_N?.[index] ?? null,
  }));
}
