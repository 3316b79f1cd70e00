import { sizeOf } from '../onnx';
import { type Random } from './random';

/** Draws a parameter's first values, row-major. */
export type Initializer = (shape: readonly number[], random: Random) => Float32Array;

const fill = (value: number): Initializer => {
  return (shape) => new Float32Array(sizeOf(shape)).fill(value);
};

export const zeros: Initializer = fill(0);
export const ones: Initializer = fill(1);

/** Independent normal numbers with mean 0. */
export function normal(deviation: number): Initializer {
  return (shape, random) => Float32Array.from({ length: sizeOf(shape) }, () => deviation * random.normal());
}

/** Uniform in ±limit. */
function uniform(shape: readonly number[], limit: number, random: Random): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, () => limit * (2 * random.uniform() - 1));
}

/** Inputs and outputs of a kernel [inputs, outputs]. */
function fans(shape: readonly number[]): { inputs: number; outputs: number } {
  return { inputs: sizeOf(shape.slice(0, -1)), outputs: shape.at(-1) ?? 1 };
}

/** For kernels before tanh, sigmoid or nothing: variance 2/(inputs + outputs). Glorot and Bengio 2010, eq. 16. */
export const xavierUniform: Initializer = (shape, random) => {
  const { inputs, outputs } = fans(shape);
  return uniform(shape, Math.sqrt(6 / (inputs + outputs)), random);
};

/** For kernels before ReLU and its kin: variance 2/inputs. He et al. 2015, eq. 10. */
export const kaimingUniform: Initializer = (shape, random) =>
  uniform(shape, Math.sqrt(6 / fans(shape).inputs), random);

/**
 * Orthonormal columns (rows, where there are fewer of them), for recurrent kernels: repeated products neither
 * vanish nor explode. Saxe et al. 2014. Gram and Schmidt on normal vectors.
 */
export const orthogonal: Initializer = (shape, random) => {
  const [rows = 1, columns = 1] = shape;
  const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
  const basis: Float64Array[] = [];
  while (basis.length < count) {
    const vector = Float64Array.from({ length }, () => random.normal());
    for (const earlier of basis) {
      const along = vector.reduce((total, value, index) => total + value * (earlier[index] ?? 0), 0);
      vector.forEach((value, index) => (vector[index] = value - along * (earlier[index] ?? 0)));
    }
    const norm = Math.hypot(...vector);
    // A vector that lay (nearly) within the span of the earlier ones is drawn again.
    if (norm > 1e-3) basis.push(vector.map((value) => value / norm));
  }
  return Float32Array.from({ length: rows * columns }, (_, index) => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    return (rows < columns ? basis[row]?.[column] : basis[column]?.[row]) ?? 0;
  });
};

/** Kernels that stand side by side as one [inputs, blocks·outputs] (the gates of a cell), each drawn on its own. */
export function sideBySide(blocks: number, initializer: Initializer): Initializer {
  return (shape, random) => {
    const [rows = 1, columns = 1] = shape;
    const width = columns / blocks;
    const result = new Float32Array(rows * columns);
    for (let block = 0; block < blocks; block += 1) {
      const values = initializer([rows, width], random);
      for (let row = 0; row < rows; row += 1)
        result.set(values.subarray(row * width, (row + 1) * width), row * columns + block * width);
    }
    return result;
  };
}

/** Biases of several gates, one constant for each. */
export function gateBiases(values: readonly number[]): Initializer {
  return (shape) => {
    const size = sizeOf(shape);
    const width = size / values.length;
    return Float32Array.from({ length: size }, (_, index) => values[Math.floor(index / width)] ?? 0);
  };
}
