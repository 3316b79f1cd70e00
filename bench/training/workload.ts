import { type Device } from '../../src/engine/runtime';
import { type InputShape } from '../../src/learning/features/encoded-examples';
import { type LabelledExamples, type TrainingChunk } from '../../src/learning/training/trainable';
import { type NetworkDescription } from './network-description';

/** A model to be timed, and data for it. */
export interface Workload {
  readonly name: string;
  readonly shape: InputShape;
  readonly description: NetworkDescription;
  /** So many examples, the same ones each time. */
  examples(count: number): Promise<LabelledExamples>;
  compile(options: CompileOptions): Promise<Trainer>;
}

export interface CompileOptions {
  /** Examples per step. */
  readonly batch: number;
  readonly threads: number;
  /** `cpu` unless given. */
  readonly device?: Device;
  /** Writes ONNX Runtime's profile to a file that starts with this path, when the trainer is closed. */
  readonly profileTo?: string;
}

/** The engine at work on one model. */
export interface Trainer {
  /** Number of trainable numbers. */
  readonly parameters: number;
  /** The losses of the steps. */
  train(chunk: TrainingChunk): Promise<Float32Array>;
  close(): Promise<void>;
}
