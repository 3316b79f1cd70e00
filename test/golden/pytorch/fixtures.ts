import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Tensor, tensorOf } from '../../../src/engine/onnx';

/** A tensor as make-fixtures.py writes it. */
export interface Packed {
  readonly dtype: 'float32' | 'int32';
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export type Named = Readonly<Record<string, Packed>>;

/** A layer, or a loss: forward pass, gradients, and ten steps of gradient descent with momentum. */
export interface CaseFixture {
  readonly name: string;
  /** False for what only inference does. */
  readonly training?: boolean;
  /** A trained input's gradient is known; in the ten steps a trainable offset is added to it. */
  readonly inputs: readonly (Packed & { readonly trained: boolean })[];
  readonly parameters: Named;
  readonly buffers?: Named;
  readonly noise?: Named;
  readonly output: Packed;
  readonly upstream: Packed;
  readonly inputGradients: readonly (Packed | null)[];
  readonly parameterGradients: Named;
  /** What the forward pass leaves, and the ten steps begin with. */
  readonly nextBuffers?: Named;
  readonly steps?: {
    readonly rate: number;
    readonly momentum: number;
    /** [10, …]. */
    readonly inputs: readonly Packed[];
    readonly losses: Packed;
    readonly offsets: readonly (Packed | null)[];
    readonly parameters: Named;
    readonly buffers?: Named;
  };
}

export interface OptimizerFixture {
  readonly name: string;
  readonly start: Named;
  /** [10, …]. */
  readonly gradients: Named;
  readonly rates: readonly number[];
  readonly end: Named;
  readonly average?: Named;
}

/** A table looked up twice a step, beside dense parameters. */
export interface RowsFixture {
  readonly name: string;
  readonly averaging: number;
  readonly rates: readonly number[];
  readonly start: Named;
  /** [10, …]: ids `first` and `second`, and the gradients of what they pick and of the dense parameters. */
  readonly inputs: Named;
  readonly gradientNorms: Packed;
  readonly end: Named;
  readonly average: Named;
}

export interface NetworkFixture {
  readonly name: string;
  readonly rate: number;
  readonly decay: number;
  readonly clip: number;
  readonly averaging: number;
  /** [10, …]. */
  readonly inputs: Named;
  readonly start: Named;
  readonly losses: Packed;
  readonly gradientNorms: Packed;
  readonly end: Named;
  readonly average: Named;
  readonly buffers: Named;
}

export const fixtures = JSON.parse(readFileSync(join(__dirname, 'fixtures.json'), 'utf8')) as {
  readonly layers: readonly CaseFixture[];
  readonly losses: readonly CaseFixture[];
  readonly optimizers: readonly OptimizerFixture[];
  readonly rows: readonly RowsFixture[];
  readonly networks: readonly NetworkFixture[];
};

export function unpack({ dtype, shape, data }: Packed): Tensor<'float32'> | Tensor<'int32'> {
  return tensorOf(dtype, shape, data) as Tensor<'float32'> | Tensor<'int32'>;
}

/** Parameters or buffers, as a program takes them. */
export function unpackAll(named: Named): Map<string, Tensor<'float32'>> {
  return new Map(Object.entries(named).map(([name, packed]) => [name, unpack(packed) as Tensor<'float32'>]));
}

/** The agreement that is asked for, in single precision against PyTorch's double. */
const TOLERANCE = 1e-5;

/**
 * Equal within the tolerance, relative to the largest number of the tensor. The floor is for gradients that are
 * zero in exact arithmetic (a bias before a softmax), where sums of numbers around 1 leave rounding noise.
 */
export function expectClose(actual: Tensor | undefined, expected: Packed, what: string): void {
  const scale = Math.max(0.05, ...expected.data.map(Math.abs));
  const differences = expected.data.map((value, at) => Math.abs(value - Number(actual?.data[at])) / scale);
  const worst = differences.reduce((most, difference) => (difference <= most ? most : difference), 0);
  expect({ what, shape: actual?.shape, isClose: worst < TOLERANCE, worst }).toEqual({
    what,
    shape: expected.shape,
    isClose: true,
    worst,
  });
}

export function expectAllClose(actual: ReadonlyMap<string, Tensor>, expected: Named, what: string): void {
  for (const [name, packed] of Object.entries(expected))
    expectClose(actual.get(name), packed, `${name}, ${what}`);
}
