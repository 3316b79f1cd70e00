import { describeCall, GraphError, tensorOf, type Value } from '../../onnx';
import {
  add,
  cast,
  div,
  matMul,
  max,
  min,
  mul,
  not,
  equal,
  reduceSum,
  reshape,
  sub,
  unsqueeze,
} from '../../ops';
import { type Initializer, ones, xavierUniform, zeros } from '../initializers';
import { type Scope } from '../scope';
import { dense } from './dense';
import { embedding, type EmbeddingOptions } from './embedding';

/**
 * Feature crosses of bounded degree: xₗ₊₁ = x₀ ⊙ (W·xₗ + b) + xₗ, `layers` times. Wang et al. 2021, "DCN V2", eq. 1.
 */
export function crossNetwork(scope: Scope, x_BF: Value, options: { layers: number }): Value {
  let x = x_BF;
  for (let layer = 0; layer < options.layers; layer += 1)
    x = add(mul(x_BF, dense(scope.in(String(layer)), x, { units: x_BF.size(1) })), x);
  return x;
}

/**
 * Piecewise-linear encoding of numbers: how far x has come through each bin between its edges, 0 before it and 1
 * after it; the first bin goes on below 0 and the last above 1. [B,F] → [B, F·K]. Gorishniy et al. 2022, eq. 1.
 *
 * @param edges per column K+1 numbers that do not fall (quantiles of the training part). A bin between two equal
 *   ones is a step from 0 to 1.
 * @throws GraphError when there is not one list of edges per column, of one length, or when edges fall.
 */
export function piecewiseLinear(x_BF: Value, edges: readonly (readonly number[])[]): Value {
  const bins = (edges[0]?.length ?? 0) - 1;
  if (x_BF.rank !== 2 || x_BF.dim(1) !== edges.length || bins < 1)
    throw new GraphError(`piecewiseLinear: ${x_BF.describe()} has no edges for each of its columns`);
  edges.forEach((column, index) => {
    if (column.length !== bins + 1 || column.some((edge, at) => !(edge >= (column[at - 1] ?? -Infinity))))
      throw new GraphError(
        `piecewiseLinear: column ${index} needs ${bins + 1} edges that do not fall, not ${column.join()}`,
      );
  });
  const constant = (of: (column: readonly number[], bin: number) => number): Value =>
    x_BF.graph.constant(
      tensorOf(
        x_BF.dtype,
        [edges.length, bins],
        edges.flatMap((column) => Array.from({ length: bins }, (_, bin) => of(column, bin))),
      ),
    );
  const widthOf = (column: readonly number[], bin: number): number =>
    (column[bin + 1] ?? 0) - (column[bin] ?? 0);
  const low = constant((column, bin) => column[bin] ?? 0);
  const width = constant((column, bin) => Math.max(widthOf(column, bin), 1e-6));
  const share = div(sub(unsqueeze(x_BF, [2]), low), width);
  const isOpen = (column: readonly number[], bin: number, last: number): boolean =>
    bin === last && widthOf(column, bin) > 0;
  const floor = constant((column, bin) => (isOpen(column, bin, 0) ? -Infinity : 0));
  const ceiling = constant((column, bin) => (isOpen(column, bin, bins - 1) ? Infinity : 1));
  return reshape(min(max(share, floor), ceiling), [-1, edges.length * bins]);
}

/** Independent signs around 1, so that the members of an ensemble begin apart. */
const signs: Initializer = (shape, random) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => (random.uniform() < 0.5 ? -1 : 1));

export interface EnsembleDenseOptions {
  readonly members: number;
  readonly units: number;
  /** Of the kernel. */
  readonly initializer?: Initializer;
  /**
   * Factors begin at random signs, which sets the members apart, unless this is false: then at 1, for the layers after
   * one that does.
   */
  readonly apart?: boolean;
}

/**
 * A dense layer for an ensemble whose members share one kernel: yₖ = sₖ ⊙ ((rₖ ⊙ x)·W) + bₖ.
 * x [B,I] (the same for all members) or [B,K,I] → [B,K,units]. Wen et al. 2020, "BatchEnsemble"; as the layer of
 * "TabM" (Gorishniy et al. 2025), whose members' mean probability is the prediction.
 */
export function ensembleDense(scope: Scope, x: Value, options: EnsembleDenseOptions): Value {
  const { members, units, initializer = xavierUniform, apart = true } = options;
  const factors = apart ? signs : ones;
  if (x.rank !== 2 && (x.rank !== 3 || x.dim(1) !== members))
    throw new GraphError(`${describeCall('ensembleDense', [x])}: x must be [B,I] or [B,${members},I]`);
  const inputs = x.size(-1);
  const each = x.rank === 2 ? unsqueeze(x, [1]) : x;
  const kernel = scope.parameter('kernel', [inputs, units], { initializer, decays: true });
  const before = scope.parameter('before', [members, inputs], { initializer: factors });
  const after = scope.parameter('after', [members, units], { initializer: factors });
  const bias = scope.parameter('bias', [members, units], { initializer: zeros });
  return add(mul(matMul(mul(each, before), kernel), after), bias);
}

export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** The mean of the embeddings unless given. */
  readonly pooling?: 'mean' | 'sum';
}

/**
 * The mean, or the sum, of the embeddings of several categories, for multi-valued features and bags of words:
 * ids […,M] → […,width]. Id 0 is padding and does not count; 0 for an empty bag.
 */
export function embeddingBag(scope: Scope, ids: Value, options: EmbeddingBagOptions): Value {
  const { pooling = 'mean', ...table } = options;
  const present = cast(not(equal(ids, 0)), 'float32');
  const slots = ids.rank - 1;
  const total = reduceSum(mul(embedding(scope, ids, table), unsqueeze(present, [ids.rank])), [slots]);
  return pooling === 'sum' ? total : div(total, max(reduceSum(present, [slots], true), 1));
}
