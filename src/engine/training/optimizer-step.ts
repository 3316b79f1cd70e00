import { type Value } from '../onnx';
import { type Optimizer } from '../nn';
import { add, div, max, min, mul, reduceSumSquare, sign, sqrt, sub, sum } from '../ops';

/** What a recipe says about the update. */
export interface UpdateRule {
  readonly optimizer: Optimizer;
  /** λ of λ‖p‖₁: λ·sign(p) is added to the gradient of parameters that decay. 0 unless given. */
  readonly l1?: number;
  /** λ of ½λ‖p‖₂²: λ·p is added to the gradient of parameters that decay. 0 unless given. */
  readonly l2?: number;
  /** Decoupled decay: p ← p − η·λ·p beside the update (Loshchilov and Hutter 2019). 0 unless given. */
  readonly weightDecay?: number;
  /** Largest Euclidean norm of the whole gradient; longer ones are scaled down to it. No limit unless given. */
  readonly clipNorm?: number;
}

/** Parameters of any shape that are updated as one. */
export interface Trained {
  readonly parameters: Value;
  readonly gradient: Value;
  readonly moments: readonly Value[];
  /** A factor where they decay, 0 elsewhere; null where none of them does. */
  readonly decay: (factor: number) => Value | number | null;
}

export interface Updated {
  readonly parameters: Value;
  readonly moments: readonly Value[];
}

/**
 * One optimizer step on several tensors, whose gradients are one as far as clipping and the norm are concerned.
 *
 * @param scalars the optimizer's, and `learningRate`.
 */
export function optimizerStep(
  rule: UpdateRule,
  trained: readonly Trained[],
  scalars: Readonly<Record<string, Value>>,
): { updated: readonly Updated[]; norm: Value } {
  const { optimizer, weightDecay = 0, clipNorm } = rule;
  const gradients = trained.map((each) => penalized(each, rule));
  const norm = sqrt(
    sum(
      gradients.map((gradient) =>
        reduceSumSquare(
          gradient,
          gradient.shape.map((_, axis) => axis),
        ),
      ),
    ),
  );
  const scale = clipNorm ? min(div(clipNorm, max(norm, 1e-12)), 1) : null;
  const updated = gradients.map((gradient, index) => {
    const { parameters, moments, decay } = trained[index] as Trained;
    const scaled = scale ? mul(gradient, scale) : gradient;
    const next = optimizer.update(parameters, scaled, { moments, scalars });
    const factor = weightDecay ? decay(weightDecay) : null;
    if (factor === null) return { parameters: next.parameter, moments: next.moments };
    const decayed = mul(mul(parameters, factor), scalars['learningRate'] as Value);
    return { parameters: sub(next.parameter, decayed), moments: next.moments };
  });
  return { updated, norm };
}

/** The gradient with those of the penalties. */
function penalized({ parameters, gradient, decay }: Trained, { l1 = 0, l2 = 0 }: UpdateRule): Value {
  const [absolute, square] = [l1 ? decay(l1) : null, l2 ? decay(l2) : null];
  let total = gradient;
  if (absolute !== null) total = add(total, mul(sign(parameters), absolute));
  if (square !== null) total = add(total, mul(parameters, square));
  return total;
}

/** a ← a + (1 − d)(p − a). */
export function moveAverage(average: Value, parameters: Value, decay: number): Value {
  return add(average, mul(sub(parameters, average), 1 - decay));
}
