import { Graph, tensorOf, writeModel } from '../../src/engine/onnx';
import { add } from '../../src/engine/ops/add';
import { cast } from '../../src/engine/ops/cast';
import { identity } from '../../src/engine/ops/identity';
import { labelEncoder } from '../../src/engine/ops/label-encoder';
import { mul } from '../../src/engine/ops/mul';
import { sigmoid } from '../../src/engine/ops/sigmoid';
import { squeeze } from '../../src/engine/ops/squeeze';
import { type FeatureSpec, featureSpecSchema } from '../../src/learning/features/feature-spec';

/** What {@link linearArtifact} takes. */
export const linearSpec: FeatureSpec = featureSpecSchema.parse({
  shape: 'TABLE',
  label: { column: 'label' },
  features: [
    { type: 'numeric', name: 'x' },
    { type: 'categorical', name: 'color' },
  ],
});

/**
 * An artifact whose answer is known without training: logit = weight·x + 1 for red, + 2 for blue, + 0 otherwise.
 *
 * @param ballast bytes that make the file larger and change nothing else
 */
export function linearArtifact(weight: number, ballast = 0): Uint8Array {
  const graph = new Graph();
  const x = graph.input('f_x', 'float32', ['N', 1]);
  const color = graph.input('f_color', 'string', ['N', 1]);
  const code = cast(
    labelEncoder(
      color,
      new Map([
        ['red', 1],
        ['blue', 2],
      ]),
      0,
    ),
    'float32',
  );
  const logit = squeeze(add(mul(x, graph.constant(tensorOf('float32', [1], [weight]))), code), [1]);
  graph.output('logit', identity(logit));
  graph.output('probability', sigmoid(logit));
  return writeModel(graph, { ballast: 'x'.repeat(ballast) });
}
