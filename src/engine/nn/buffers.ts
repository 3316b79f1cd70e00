import { GraphError, sameShape, type Value } from '../onnx';
import { type Initializer } from './initializers';

/** A tensor that a model keeps from step to step without training it: running statistics. */
export interface BufferSpec {
  /** Unique within the model, parameters included. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
}

export interface Buffer {
  /** What the step finds, or what inference uses. The optimizer leaves it alone. */
  readonly value: Value;
  /**
   * Says what the next step finds: of the same shape, once a step, in training only. A buffer that is not
   * updated stays as it is.
   */
  update(next: Value): void;
}

/**
 * A buffer whose update is noted by name.
 *
 * @param updates null in inference, where there is nothing to update.
 */
export function notedBuffer(spec: BufferSpec, value: Value, updates: Map<string, Value> | null): Buffer {
  const { name } = spec;
  return {
    value,
    update(next) {
      if (!updates) throw new GraphError(`the buffer ${name} is constant in inference`);
      if (updates.has(name)) throw new GraphError(`the buffer ${name} is updated twice in one step`);
      if (next.dtype !== value.dtype || !sameShape(next.shape, value.shape))
        throw new GraphError(`the buffer ${name} is ${value.describe()}, its update ${next.describe()}`);
      updates.set(name, next);
    },
  };
}
