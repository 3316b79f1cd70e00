import { apply, type Graph, GraphError, type OpDefinition, sameShape, type Value } from '../onnx';
import { identity } from './identity';

/**
 * Runs a body graph `tripCount` times, carrying state from each run to the next and stacking what each run
 * reports. Not differentiable as a whole: gradients are taken inside the body.
 */
export const Loop: OpDefinition = {
  opType: 'Loop',
  sinceVersion: 16,
  inferTypes(call) {
    const { body } = call.attributes;
    if (!body || !('graph' in body)) return call.fail('a body is needed');
    const carried = call.inputs.length - 2;
    return body.graph.outputs
      .slice(1)
      .map((value, index) =>
        index < carried ? value.type : { dtype: value.dtype, shape: ['steps', ...value.shape] },
      );
  },
  gradient: null,
  samples: [],
};

export interface LoopBody {
  /** Which run this is, from 0: int64 []. */
  readonly iteration: Value;
  /** The state as the run finds it. */
  readonly state: readonly Value[];
  readonly graph: Graph;
}

export interface LoopResult {
  /** The state after the last run. */
  readonly state: readonly Value[];
  /** One entry per run, stacked along a new first axis (`steps`). */
  readonly reports: readonly Value[];
}

/**
 * @param tripCount int64 [].
 * @param initial the state before the first run.
 * @param body builds one run: the state that it leaves (same types as it found) and what it reports.
 */
export function loop(
  tripCount: Value,
  initial: readonly Value[],
  body: (run: LoopBody) => LoopResult,
): LoopResult {
  const graph = tripCount.graph.subgraph();
  const iteration = graph.input('iteration', 'int64', []);
  const condition = graph.input('condition', 'bool', []);
  const state = initial.map((value) => graph.input('state', value.dtype, value.shape));
  const result = body({ iteration, state, graph });
  result.state.forEach((value, index) => {
    const before = initial[index];
    if (!before || before.dtype !== value.dtype || !sameShape(before.shape, value.shape))
      throw new GraphError(
        `Loop: state ${index} enters as ${before?.describe() ?? '–'}, leaves as ${value.describe()}`,
      );
  });
  for (const value of [condition, ...result.state, ...result.reports]) {
    // An output must be made by a node of the body, and be no other output.
    const own = value.graph === graph && value.producer && !graph.outputs.includes(value) ? value : null;
    const output = own ?? inBody(graph, value);
    graph.output(output.name, output);
  }
  const always = tripCount.graph.constant({ dtype: 'bool', shape: [], data: Uint8Array.of(1) });
  const { outputs } = apply(Loop, [tripCount, always, ...initial], { body: { graph } });
  return { state: outputs.slice(0, initial.length), reports: outputs.slice(initial.length) };
}

function inBody(graph: Graph, value: Value): Value {
  if (value.graph === graph) return identity(value);
  throw new GraphError(`Loop: ${value.describe()} does not depend on the run: keep it outside`);
}
