import { type ModelConfig } from '../architectures/model-config';
import { sha256 } from '../export/certificate';
import { type PreparedExamples } from '../preparation/prepared-examples';
import { type FitOptions } from '../training/fit';
import { type NetworkProgram, type NetworkProgramOptions } from '../training/network-program';
import { labelledAxes } from './axis-labels';
import { carryOver } from './carry-over';
import { decodeKeptModel, type KeptModel } from './kept-model';
import { leak } from './seen-examples';

/** What came of starting from an earlier model. Plain JSON. */
export interface StartSummary {
  /** Why it was not, and the weights were drawn; null where it was. */
  readonly refused: string | null;
  /** The network's numbers, and how many of them were taken over. */
  readonly weights: number;
  readonly taken: number;
  /** On the validation part of this training, before its first step; null where it was refused. */
  readonly validationLoss: number | null;
}

/** A model to start from; or why it must not be. */
export interface Start {
  readonly earlier: KeptModel | null;
  readonly refused: string | null;
  /** SHA-256 of what was given, lower-case hex. */
  readonly digest: string;
}

/** @param file SHA-256 of the file of the examples, where it is known */
export function startFrom(bytes: Uint8Array, prepared: PreparedExamples, file: string | null): Start {
  const digest = sha256(bytes);
  const earlier = decodeKeptModel(bytes);
  if (!earlier) return { earlier, refused: 'Its weights cannot be read by this version.', digest };
  const refused = leak(earlier.seen, prepared, file);
  return { earlier: refused === null ? earlier : null, refused, digest };
}

interface Next {
  readonly model: ModelConfig;
  readonly featureMap: PreparedExamples['featureMap'];
}

/** What the network is compiled with. */
export function networkStart(
  start: Start | null,
  { model, featureMap }: Next,
): Pick<NetworkProgramOptions, 'start'> {
  const earlier = start?.earlier;
  if (!earlier) return {};
  return {
    start: (drawn) =>
      carryOver(
        { weights: drawn, axes: labelledAxes(model, featureMap) },
        { weights: earlier.weights, axes: labelledAxes(earlier.model, earlier.featureMap) },
      ),
  };
}

/** What it is fitted with besides; tells at once where the start is refused. */
export function fitStart(
  start: Start | null,
  { started }: Pick<NetworkProgram, 'started'>,
  {
    onStart,
  }: { readonly model: ModelConfig; readonly onStart?: ((start: StartSummary) => void) | undefined },
): Pick<FitOptions, 'isWarm' | 'onJudged'> {
  const { taken, of: weights } = started ?? { taken: 0, of: 0 };
  const told = (validationLoss: number | null) =>
    onStart?.({ refused: start?.refused ?? null, weights, taken, validationLoss });
  if (start?.earlier) return { isWarm: true, onJudged: told };
  if (start) told(null);
  return {};
}
