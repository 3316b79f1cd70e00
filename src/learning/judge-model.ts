import { type Device } from '../engine/runtime';
import { evaluate, type Evaluation } from './evaluation/evaluate';
import { calibrate, fitPlattScaling } from './evaluation/platt-scaling';
import { recommendThreshold } from './evaluation/recommended-threshold';
import { type FitNetworkOptions, withFittedNetwork } from './fit-network';
import { predictLogits } from './training/validate';

export interface JudgeModelOptions extends FitNetworkOptions {
  /** Whether the test part is looked at: not where the judgement is to choose between models. */
  readonly judgesTest: boolean;
}

/** What a configuration is worth, without the model that it makes. Plain JSON. */
export interface JudgedModel {
  readonly device: Device;
  /** Epochs that were trained. */
  readonly epochs: number;
  /** Of calibrated probabilities on the validation part, which they were calibrated on, as those of every other model are. */
  readonly validation: Evaluation;
  /** Null where the test part was not looked at. */
  readonly test: Evaluation | null;
}

/**
 * Fits a model and judges it; nothing is exported, so it costs less than a model that is to serve.
 * @throws AppError as `withFittedNetwork`
 */
export async function judgeModel(options: JudgeModelOptions): Promise<JudgedModel> {
  return withFittedNetwork(options, async ({ program, epochs, device }) => {
    const { prepared, signal, onPhase, onEvent, judgesTest } = options;
    onPhase('EVALUATING');
    const validation = await predictLogits(program, prepared.validation, signal);
    const calibration = fitPlattScaling(validation.labels_N, validation.logits_N);
    onEvent?.({ kind: 'calibrated', calibration });
    const validation_N = calibrate(validation.logits_N, calibration);
    const threshold = recommendThreshold(validation.labels_N, validation_N);
    const test = judgesTest ? await predictLogits(program, prepared.test, signal) : null;
    return {
      device,
      epochs: epochs.length,
      validation: evaluate(validation.labels_N, validation_N, threshold),
      test: test && evaluate(test.labels_N, calibrate(test.logits_N, calibration), threshold),
    };
  });
}
