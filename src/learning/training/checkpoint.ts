import { z } from 'zod';
import { type EpochRecord } from './contract';
import { decodeTensorFile, encodeTensorFile, type NamedTensor } from './tensor-file';

/** Where a run stands between two chunks. */
export interface FitPosition {
  /** 1-based; the epoch under way. */
  readonly epoch: number;
  /** Steps done in it. */
  readonly stepInEpoch: number;
  /** Sum of its step losses. */
  readonly lossSum: number;
  readonly secondsInEpoch: number;
  /** Complete epochs. */
  readonly epochs: readonly EpochRecord[];
  /** Of the weights that it started from, where they count as trained already; null where they were drawn. */
  readonly startLoss: number | null;
}

/** Everything that a run needs to go on as if it had never stopped. */
export interface Checkpoint {
  readonly position: FitPosition;
  /** Of the trainable: weights and optimizer state. */
  readonly state: readonly NamedTensor[];
  /** Weights with the lowest validation loss so far, of an epoch or of the start; empty before there are any. */
  readonly best: readonly NamedTensor[];
}

const FORMAT = 1;
const metaSchema = z.strictObject({
  format: z.literal(FORMAT),
  fingerprint: z.string(),
  position: z.strictObject({
    epoch: z.int(),
    stepInEpoch: z.int(),
    lossSum: z.number(),
    secondsInEpoch: z.number(),
    startLoss: z.number().nullable().default(null),
    epochs: z.array(
      z.strictObject({
        epoch: z.int(),
        trainLoss: z.number(),
        validationLoss: z.number(),
        validationRocAuc: z.number(),
        learningRate: z.number(),
        seconds: z.number(),
      }),
    ),
  }),
});
type Meta = z.infer<typeof metaSchema>;

const STATE = 'state/';
const BEST = 'best/';

/** @param fingerprint of data, model configuration and program: whatever a resumed run must have in common. */
export function encodeCheckpoint(checkpoint: Checkpoint, fingerprint: string): Uint8Array {
  const { position, state, best } = checkpoint;
  const meta: Meta = {
    format: FORMAT,
    fingerprint,
    position: { ...position, epochs: [...position.epochs] },
  };
  return encodeTensorFile(meta, [...prefixed(STATE, state), ...prefixed(BEST, best)]);
}

/** @returns null for a checkpoint that is damaged, of another format, or of another run. */
export function decodeCheckpoint(bytes: Uint8Array, fingerprint: string): Checkpoint | null {
  const file = decodeTensorFile(bytes);
  const meta = metaSchema.safeParse(file?.meta);
  if (!file || !meta.success || meta.data.fingerprint !== fingerprint) return null;
  return {
    position: meta.data.position,
    state: unprefixed(STATE, file.tensors),
    best: unprefixed(BEST, file.tensors),
  };
}

function prefixed(prefix: string, tensors: readonly NamedTensor[]): NamedTensor[] {
  return tensors.map((tensor) => ({ ...tensor, name: prefix + tensor.name }));
}

function unprefixed(prefix: string, tensors: readonly NamedTensor[]): NamedTensor[] {
  return tensors
    .filter(({ name }) => name.startsWith(prefix))
    .map((tensor) => ({ ...tensor, name: tensor.name.slice(prefix.length) }));
}
