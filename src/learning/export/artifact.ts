import { Graph, writeModel } from '../../engine/onnx';
import { add, mul, sigmoid } from '../../engine/ops';
import { foldConstants } from '../../engine/runtime';
import { constantScope, type Weights } from '../../engine/nn';
import { networkLogits } from '../architectures/build-network';
import { type ModelConfig } from '../architectures/model-config';
import { type Calibration } from '../evaluation/platt-scaling';
import { type FeatureMap, inputShape } from '../features/feature-map';
import { sha256 } from './certificate';
import { preprocessing } from './preprocessing';

/** Of the artifact: [N], float32, calibrated, 0..1. */
export const PROBABILITY_OUTPUT = 'probability';
/** Of the artifact: [N], float32, calibrated; the probability is its sigmoid. */
export const LOGIT_OUTPUT = 'logit';

export interface ArtifactParts {
  readonly featureMap: FeatureMap;
  readonly model: ModelConfig;
  readonly weights: Weights;
  readonly calibration: Calibration;
  readonly dataFingerprint: string;
  readonly codeVersion: string;
}

/**
 * The trained model as one ONNX file that takes raw features: preprocessing, network, calibration, what depends on
 * weights alone computed beforehand.
 * Its inputs are those of `artifactInputs`; what it was made from travels in its metadata, as text.
 */
export async function buildArtifact(parts: ArtifactParts): Promise<Uint8Array> {
  const { featureMap, model, weights, calibration } = parts;
  const graph = new Graph();
  const inputs = preprocessing(graph, featureMap);
  const raw_N = networkLogits(constantScope(graph, weights), inputs, {
    model,
    shape: inputShape(featureMap),
  });
  const logit_N = add(mul(raw_N, calibration.scale), calibration.shift);
  graph.output(PROBABILITY_OUTPUT, sigmoid(logit_N));
  graph.output(LOGIT_OUTPUT, logit_N);
  await foldConstants(graph);
  return writeModel(graph, {
    featureSpecSha256: sha256(JSON.stringify(featureMap.spec)),
    featureMap: JSON.stringify(featureMap),
    model: JSON.stringify(model),
    calibration: JSON.stringify(calibration),
    dataFingerprint: parts.dataFingerprint,
    codeVersion: parts.codeVersion,
  });
}
