import { createHash } from 'node:crypto';
import { type Census } from '../nn';
import { type Value } from '../onnx';
import { concat, reshape } from '../ops';
import { ParameterLayout } from './parameter-layout';

/** The state's tensor that holds all buffers, one after another. */
export const BUFFERS = 'buffers';

/** Where each buffer lies within one flat vector, as parameters do; null for a model that keeps none. */
export function bufferLayout(census: Pick<Census, 'buffers'>): ParameterLayout | null {
  const specs = census.buffers.map((spec) => ({ ...spec, decays: false }));
  return specs.length > 0 ? new ParameterLayout(specs) : null;
}

/** The buffers of one step: what the model finds and what it leaves. */
export interface CarriedBuffers {
  readonly values: ReadonlyMap<string, Value>;
  /** Filled by the model, under the buffers' names. */
  readonly updates: Map<string, Value>;
  /** What the next step finds, once the model is built: as part of a loop's state. */
  next(): readonly Value[];
}

/** @param flat the loop's state; null where there are no buffers. */
export function carryBuffers(layout: ParameterLayout | null, flat: Value | null): CarriedBuffers {
  const updates = new Map<string, Value>();
  if (!layout || !flat) return { values: new Map(), updates, next: () => [] };
  const values = layout.split(flat);
  return {
    values,
    updates,
    next() {
      if (updates.size === 0) return [flat];
      const parts = [...values].map(([name, value]) => reshape(updates.get(name) ?? value, [-1]));
      return [concat(parts, 0)];
    },
  };
}

/** Of everything that a state must fit. A model without buffers has that of its parameters alone. */
export function stateDigest(parameters: ParameterLayout, buffers: ParameterLayout | null): string {
  if (!buffers) return parameters.digest;
  return createHash('sha256').update(`${parameters.digest}\n${buffers.digest}`).digest('hex').slice(0, 16);
}
