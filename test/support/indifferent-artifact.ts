import { Graph, tensorOf, writeModel } from '../../src/engine/onnx';
import { cast } from '../../src/engine/ops/cast';
import { identity } from '../../src/engine/ops/identity';
import { mul } from '../../src/engine/ops/mul';
import { sigmoid } from '../../src/engine/ops/sigmoid';
import { artifactInputs, LENGTH_INPUT } from '../../src/learning/export/artifact-inputs';
import { type FeatureSpec } from '../../src/learning/features/feature-spec';
import { rawFromRecords } from '../../src/learning/features/raw-from-records';

/** An artifact that takes what a specification of events gives, and answers a half whatever that is. */
export function indifferentArtifact(spec: FeatureSpec): Uint8Array {
  const graph = new Graph();
  const inputs = artifactInputs(spec, rawFromRecords(spec, [{ features: {}, history: [] }], new Date()));
  for (const [name, { type, dims }] of Object.entries(inputs)) {
    if (name === LENGTH_INPUT) continue;
    // Columns of the moment are as wide as they are; sequences are of any length.
    const rest = dims.slice(1).map((size, axis) => (name.startsWith('f_') ? size : `${name}_${axis}`));
    graph.input(name, type, ['N', ...rest]);
  }
  const length = cast(graph.input(LENGTH_INPUT, 'int64', ['N']), 'float32');
  const logit = mul(length, graph.constant(tensorOf('float32', [1], [0])));
  graph.output('logit', identity(logit));
  graph.output('probability', sigmoid(logit));
  return writeModel(graph);
}
