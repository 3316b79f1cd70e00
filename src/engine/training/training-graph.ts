import { gradients, requireGradients } from '../autodiff';
import { Graph, type Shape, sizeOf, tensorOf, type Value } from '../onnx';
import { type Census, type Scope, takeCensus, valueScope } from '../nn';
import { gather, loop, reshape, split } from '../ops';
import { bufferLayout, BUFFERS, carryBuffers } from './buffers';
import { moveAverage, optimizerStep, type Updated, type UpdateRule } from './optimizer-step';
import { ParameterLayout } from './parameter-layout';

/** One input of a training step; the first axis is the batch. */
export interface StepInput {
  readonly dtype: 'float32' | 'int32';
  readonly shape: readonly number[];
}

export interface TrainingRecipe<Name extends string> extends UpdateRule {
  /** What one step takes. */
  readonly inputs: Readonly<Record<Name, StepInput>>;
  /**
   * The model and its loss, a scalar. A pure function: it is called more than once.
   */
  loss(scope: Scope, inputs: Readonly<Record<Name, Value>>): Value;
  /** Also keep a moving average of the parameters with this decay (0.999…): what `weights` then returns. */
  readonly averaging?: number;
}

export interface TrainingGraph {
  readonly graph: Graph;
  readonly layout: ParameterLayout;
  /** Of the state's `buffers`; null where the model keeps none. */
  readonly buffers: ParameterLayout | null;
  readonly noise: Census['noise'];
  /** Names of the scalars of a step, in the order of the columns of the input `scalars`. */
  readonly scalars: readonly string[];
  /** Names of the state's tensors; inputs of the graph, and outputs with `next.` before. */
  readonly state: readonly string[];
}

/**
 * The whole training program as one graph: a Loop whose body is forward pass, gradients and update.
 *
 * Inputs: `steps` (int64, how many), every step input with a leading axis of steps, `scalars` [steps, ·],
 * `noise` [steps, ·] where the model draws, and the state. Outputs: `losses` [steps], `gradientNorms` [steps],
 * and the state after the last step.
 */
export function buildTrainingGraph<Name extends string>(recipe: TrainingRecipe<Name>): TrainingGraph {
  const names = Object.keys(recipe.inputs) as Name[];
  const census = takeCensus(true, (scope, graph) =>
    recipe.loss(
      scope,
      recordOf(names, (name) => declare(graph, name, recipe.inputs[name])),
    ),
  );
  requireGradients(census.built, census.values);
  const layout = new ParameterLayout(census.parameters);
  const scalars = Object.keys(recipe.optimizer.scalars(1, 1)).concat('learningRate');
  const buffers = bufferLayout(census);
  const stateNames = [
    'parameters',
    ...recipe.optimizer.moments,
    ...(recipe.averaging ? ['average'] : []),
    ...(buffers ? [BUFFERS] : []),
  ];

  const graph = new Graph();
  const chunk = recordOf(names, (name) => declare(graph, name, recipe.inputs[name], 'steps'));
  const scalarsOfSteps = graph.input('scalars', 'float32', ['steps', scalars.length]);
  const noiseSize = census.noise.reduce((total, { shape }) => total + sizeOf(shape), 0);
  const noiseOfSteps = noiseSize ? graph.input('noise', 'float32', ['steps', noiseSize]) : null;
  const initial = stateNames.map((name) =>
    graph.input(name, 'float32', [(name === BUFFERS ? buffers : layout)?.size ?? 0]),
  );

  const { state, reports } = loop(
    graph.input('steps', 'int64', []),
    initial,
    ({ iteration, state: carried }) => {
      const current = (value: Value): Value => gather(value, iteration);
      const step = {
        inputs: recordOf(names, (name) => current(chunk[name])),
        scalars: recordOf(scalars, (name) => columnOf(current(scalarsOfSteps), scalars, name)),
      };
      const [parameters, ...rest] = carried as [Value, ...Value[]];
      const kept = carryBuffers(buffers, rest.at(-1) ?? null);
      const scope = valueScope(true, {
        parameters: layout.split(parameters),
        buffers: kept.values,
        updates: kept.updates,
        noise: noiseOfSteps ? splitNoise(current(noiseOfSteps), census.noise) : new Map<string, Value>(),
      });
      const loss = recipe.loss(scope, step.inputs);
      const [gradient] = gradients(loss, [parameters]) as [Value];
      const moments = rest.slice(0, recipe.optimizer.moments.length);
      const decay = (factor: number): Value => decayMask(parameters, layout, factor);
      const { updated, norm } = optimizerStep(
        recipe,
        [{ parameters, gradient, moments, decay }],
        step.scalars,
      );
      const [next] = updated as [Updated];
      const average = recipe.averaging
        ? [moveAverage(rest[moments.length] as Value, next.parameters, recipe.averaging)]
        : [];
      const nextBuffers = kept.next();
      return {
        state: [next.parameters, ...next.moments, ...average, ...nextBuffers],
        reports: [loss, norm],
      };
    },
  );

  stateNames.forEach((name, index) => {
    graph.output(`next.${name}`, state[index] as Value);
  });
  graph.output('losses', reports[0] as Value);
  graph.output('gradientNorms', reports[1] as Value);
  return { graph, layout, buffers, noise: census.noise, scalars, state: stateNames };
}

/** The factor where a flat vector's parameters decay, 0 elsewhere. */
function decayMask({ graph }: Value, layout: ParameterLayout, factor: number): Value {
  const mask = layout.decayMask().map((flag) => flag * factor);
  return graph.constant(tensorOf('float32', [layout.size], mask));
}

function splitNoise(noise: Value, sites: Census['noise']): Map<string, Value> {
  const parts = split(noise, { axis: 0, sizes: sites.map(({ shape }) => sizeOf(shape)) });
  return new Map(sites.map(({ name, shape }, index) => [name, reshape(parts[index] as Value, shape)]));
}

function columnOf(row: Value, columns: readonly string[], name: string): Value {
  return gather(row, row.graph.scalar('int64', columns.indexOf(name)));
}

function declare(graph: Graph, name: string, input: StepInput, ...leading: Shape): Value {
  return graph.input(name, input.dtype, [...leading, ...input.shape]);
}

function recordOf<Name extends string>(
  names: readonly Name[],
  make: (name: Name) => Value,
): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Name, Value>;
}
