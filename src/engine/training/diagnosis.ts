import { messageOf } from '../../errors';
import {
  apply,
  isFloat,
  liveNodes,
  type Node,
  type Tensor,
  toNumbers,
  type Value,
  writeModel,
} from '../onnx';
import { cast, concat, identity, mul, reduceSum, reshape } from '../ops';
import { Provenance } from './provenance';
import { type TrainingGraph } from './training-graph';
import { loopOf, type TrainingLoop } from './training-loop';

/** What of a step was the first that is no finite number. */
export type Finding =
  /** What the step was given. */
  | { readonly kind: 'input'; readonly name: string }
  /** What was left by the steps before, or by the caller: a tensor of the state, and parameters within it. */
  | { readonly kind: 'state'; readonly name: string; readonly parameters: readonly string[] }
  /** What the step itself computed, from finite numbers. */
  | { readonly kind: 'computed'; readonly what: string; readonly detail: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** Runs a model on the step that is looked into. */
export type RunStep = (model: Uint8Array) => Promise<Readonly<Record<string, Tensor>>>;

/**
 * Looks into one step for the tensor with which NaN or infinity began: of those that led to a loss, a gradient or a
 * state that is not finite, the first in order of execution whose own inputs are all finite. What is infinite on
 * purpose and masked out later (−∞ before a softmax) leads nowhere, and is passed over.
 *
 * The training graph's own loop is run for that step, with more reports: first one number for each tensor that says
 * whether it is finite, so that no more memory is needed than in training; then the guilty one and its inputs.
 * Whatever the training graph takes as inputs and carries as state is therefore right here too.
 *
 * @param program built for this: its graph is changed.
 */
export async function diagnose(program: TrainingGraph, run: RunStep): Promise<Finding> {
  try {
    return await find(program, run);
  } catch (error) {
    // The run has failed already: that must be said, whatever stands in the way of saying more.
    return { kind: 'unknown', why: messageOf(error) };
  }
}

async function find(program: TrainingGraph, run: RunStep): Promise<Finding> {
  const loop = loopOf(program);
  const live = liveNodes(program.graph);
  const nodes = loop.body.nodes.filter((node) => live.has(node));
  const tensors = [...loop.state.keys(), ...nodes.flatMap(({ outputs }) => outputs)].filter(({ dtype }) =>
    isFloat(dtype),
  );
  const report = (values: readonly Value[]): Promise<Tensor[]> =>
    run(modelThatReports(program, loop, values)).then((results) => valuesOf(results, values.length));

  const [flags] = await report([concat(tensors.map(flagOf), 0)]);
  const bad = new Set(tensors.filter((_, index) => Number.isNaN(Number(flags?.data[index]))));
  const guilty = ancestors(loop.results, bad);
  const first = tensors.find(
    (value) => guilty.has(value) && !inputsOf(value).some((input) => bad.has(input)),
  );
  // Reporting a tensor keeps it from being fused into the next op, which changes rounding.
  if (!first) return { kind: 'unknown', why: 'every tensor is finite when each is kept' };

  const state = loop.state.get(first);
  if (state !== undefined) {
    const parameters = tensors.flatMap((value) => (bad.has(value) ? (value.label ?? []) : []));
    return { kind: 'state', name: state, parameters: parameters };
  }
  const given = stepInputsOf(nodes, program);
  const input = given.get(first);
  if (input !== undefined) return { kind: 'input', name: input };
  const what = new Provenance(given, ancestors([loop.loss])).describe(first);
  const inputs = inputsOf(first).filter(({ graph, dtype }) => graph === loop.body && isFloat(dtype));
  return { kind: 'computed', what, detail: detailOf(await report([first, ...inputs])) };
}

/** One number [1] for a tensor: 0 where all of it is finite, NaN where it is not, since 0·∞ is NaN. */
function flagOf(value: Value): Value {
  return cast(reshape(reduceSum(mul(value, 0)), [1]), 'float32');
}

/** The training graph as a model whose outputs are values of its loop's body, one entry a step. */
function modelThatReports(program: TrainingGraph, loop: TrainingLoop, values: readonly Value[]): Uint8Array {
  const { graph } = program;
  const { node, body } = loop;
  const own = body.outputs.length;
  for (const value of values.map(identity)) body.output(value.name, value);
  const { outputs } = apply(node.op, node.inputs, node.attributes);
  graph.outputs.length = 0;
  outputs.slice(-values.length).forEach((value, index) => {
    graph.output(`report${index}`, value);
  });
  body.outputs.length = own + values.length;
  const model = writeModel(graph);
  body.outputs.length = own;
  return model;
}

function valuesOf(results: Readonly<Record<string, Tensor>>, count: number): Tensor[] {
  return Array.from({ length: count }, (_, index) => {
    const tensor = results[`report${index}`];
    if (!tensor) throw new RangeError(`the step did not report value ${index}`);
    return tensor;
  });
}

function inputsOf(value: Value): Value[] {
  return (value.producer?.inputs ?? []).filter((input) => input !== null);
}

/** The values that these are computed from, and they themselves; through values of `within` alone, where given. */
function ancestors(values: readonly Value[], within?: ReadonlySet<Value>): Set<Value> {
  const found = new Set<Value>();
  const pending = [...values];
  for (let value = pending.pop(); value; value = pending.pop()) {
    if (found.has(value) || (within && !within.has(value))) continue;
    found.add(value);
    pending.push(...inputsOf(value));
  }
  return found;
}

/** The values that are a step's share of what the graph is given for all steps, under the input's name. */
function stepInputsOf(nodes: readonly Node[], { graph }: TrainingGraph): Map<Value, string> {
  return new Map(
    nodes.flatMap((node) => {
      const [source] = node.inputs;
      const isShare = node.op.opType === 'Gather' && source && graph.inputs.includes(source);
      return isShare ? [[node.output(0), source.name] as const] : [];
    }),
  );
}

function detailOf([tensor, ...inputs]: readonly Tensor[]): string {
  const numbers = tensor ? toNumbers(tensor) : [];
  const nan = numbers.filter(Number.isNaN).length;
  const infinite = numbers.filter((number) => Math.abs(number) === Infinity).length;
  const counts = [...(nan ? [`${nan} NaN`] : []), ...(infinite ? [`${infinite} infinite`] : [])];
  const found = `${counts.join(' and ')} of ${numbers.length} numbers`;
  if (inputs.length === 0) return found;
  let [low, high] = [Infinity, -Infinity];
  for (const input of inputs)
    for (const number of toNumbers(input)) [low, high] = [Math.min(low, number), Math.max(high, number)];
  return `${found}, from inputs within [${low.toPrecision(4)}, ${high.toPrecision(4)}]`;
}
