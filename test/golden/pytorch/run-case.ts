import { gradients } from '../../../src/engine/autodiff';
import { Graph, type Tensor, type Value, writeModel } from '../../../src/engine/onnx';
import {
  constantScope,
  type Scope,
  sgd,
  squaredError,
  valueScope,
  type Weights,
  zeros,
} from '../../../src/engine/nn';
import { add, identity, mul, reduceMean, reduceSum } from '../../../src/engine/ops';
import { Session } from '../../../src/engine/runtime';
import { type StepInput, TrainingProgram } from '../../../src/engine/training';
import { type CaseFixture, expectAllClose, expectClose, type Named, unpack, unpackAll } from './fixtures';

/** Builds a case's output from its inputs. */
export type Build = (scope: Scope, inputs: readonly Value[]) => Value;

const STEPS = 10;

async function run(graph: Graph, feeds: Record<string, Tensor>): Promise<Map<string, Tensor>> {
  const session = await Session.create(writeModel(graph));
  const results = await session.run(feeds);
  await session.close();
  return new Map(Object.entries(results));
}

const feedsOf = (fixture: CaseFixture): Record<string, Tensor> =>
  Object.fromEntries(fixture.inputs.map((packed, index) => [`x${index}`, unpack(packed)]));

function declareInputs(graph: Graph, fixture: CaseFixture): Value[] {
  return fixture.inputs.map(({ dtype, shape }, index) => graph.input(`x${index}`, dtype, shape));
}

function declare(graph: Graph, named: Named = {}): Map<string, Value> {
  return new Map(
    Object.entries(named).map(([name, { dtype, shape }]) => [name, graph.input(name, dtype, shape)]),
  );
}

/** Output, gradients of inputs and parameters, and what buffers become. */
export async function checkGradients(fixture: CaseFixture, build: Build): Promise<void> {
  const graph = new Graph();
  const inputs = declareInputs(graph, fixture);
  const parameters = declare(graph, fixture.parameters);
  const buffers = declare(graph, fixture.buffers);
  const noise = declare(graph, fixture.noise);
  const updates = new Map<string, Value>();
  const scope = valueScope(fixture.training ?? true, { parameters, buffers, noise, updates });
  const output = build(scope, inputs);
  graph.output('output', identity(output));
  const trained = inputs.filter((_, index) => fixture.inputs[index]?.trained);
  const wrt = [...trained, ...parameters.values()];
  const loss = reduceSum(mul(output, graph.constant(unpack(fixture.upstream))));
  const found = gradients(loss, wrt);
  wrt.forEach(({ name }, index) => {
    graph.output(`d.${name}`, identity(found[index]!));
  });
  for (const [name, value] of updates) graph.output(`next.${name}`, identity(value));

  const given = { ...fixture.parameters, ...fixture.buffers, ...fixture.noise };
  const results = await run(graph, { ...feedsOf(fixture), ...Object.fromEntries(unpackAll(given)) });
  expectClose(results.get('output'), fixture.output, 'output');
  fixture.inputGradients.forEach((packed, index) => {
    if (packed) expectClose(results.get(`d.x${index}`), packed, `gradient of input ${index}`);
  });
  for (const [name, packed] of Object.entries(fixture.parameterGradients))
    expectClose(results.get(`d.${name}`), packed, `gradient of ${name}`);
  if (updates.size > 0)
    for (const [name, packed] of Object.entries(fixture.nextBuffers ?? {}))
      expectClose(results.get(`next.${name}`), packed, `the next ${name}`);
}

/** What is exported (constants, fused ops) gives the same output. */
export async function checkInference(fixture: CaseFixture, build: Build): Promise<void> {
  const graph = new Graph();
  const weights: Weights = unpackAll({ ...fixture.parameters, ...fixture.buffers });
  graph.output('output', identity(build(constantScope(graph, weights), declareInputs(graph, fixture))));
  const results = await run(graph, feedsOf(fixture));
  expectClose(results.get('output'), fixture.output, 'output in inference');
}

/** Ten optimizer steps of a training program: its losses, and all that it leaves. */
export async function checkSteps(
  fixture: CaseFixture & { steps: NonNullable<CaseFixture['steps']> },
  build: Build,
): Promise<void> {
  const { steps } = fixture;
  const names = fixture.inputs.map((_, index) => `x${index}`);
  const program = await TrainingProgram.compile<string>(
    {
      inputs: Object.fromEntries(
        fixture.inputs.map(({ dtype, shape }, index): [string, StepInput] => [`x${index}`, { dtype, shape }]),
      ),
      loss(scope, values) {
        const moved = fixture.inputs.map(({ trained, shape }, index) => {
          const x = values[`x${index}`]!;
          const options = { initializer: zeros };
          return trained ? add(x, scope.parameter(`offset${index}`, shape, options)) : x;
        });
        const output = build(scope, moved);
        if (output.rank === 0) return output;
        const distances = squaredError(output, output.graph.constant(unpack(fixture.upstream)));
        return reduceMean(
          distances,
          distances.shape.map((_, axis) => axis),
        );
      },
      optimizer: sgd({ momentum: steps.momentum }),
    },
    { seed: 1 },
  );
  const start = unpackAll({ ...fixture.parameters, ...fixture.nextBuffers });
  const { state, losses } = await program.run(program.initialState(1, start), {
    steps: STEPS,
    inputs: Object.fromEntries(
      names.map((name, index) => [name, unpack(steps.inputs[index]!).data] as const),
    ),
    learningRates: Array<number>(STEPS).fill(steps.rate),
  });
  const after = program.weights(state);
  await program.close();
  expectClose({ dtype: 'float32', shape: [STEPS], data: losses }, steps.losses, 'the losses');
  expectAllClose(after, { ...steps.parameters, ...steps.buffers }, 'after ten steps');
  steps.offsets.forEach((packed, index) => {
    if (packed) expectClose(after.get(`offset${index}`), packed, `offset ${index} after ten steps`);
  });
}
