import { type Tensor } from '../../src/engine/onnx';
import { type Device } from '../../src/engine/runtime';

/** One thing that a device computes and that is compared with what the CPU computes. */
export interface DeviceCase {
  readonly kind: 'op' | 'layer' | 'loss' | 'preset' | 'training';
  /** Unique among all cases. */
  readonly name: string;
  /** `large` takes minutes on a driver that runs on the CPU. */
  readonly size: 'small' | 'large';
  readonly compute: (device: Device) => Promise<Computed>;
}

/** Results by name. */
export type Computed = Readonly<Record<string, Result>>;

export interface Result {
  readonly tensor: Tensor;
  /** Largest difference from the CPU's numbers, relative to the largest of them. */
  readonly tolerance: number;
}

/** Single precision has 6·10⁻⁸; a sum over a few hundred terms in another order, and a GPU's own `exp`, stay below this. */
export const VALUES = 1e-4;

/** Gradients add up over batch and time, and cancel. */
export const GRADIENTS = 1e-3;

/** WGSL promises 2⁻¹¹ in absolute terms, for arguments between −π and π. */
export const SINES = 1e-3;
