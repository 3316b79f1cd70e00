import { gradients, requireGradients } from '../autodiff';
import { Graph, GraphError, type Shape, sizeOf, tensorOf, type Value } from '../onnx';
import { type Census, type Scope, takeCensus, valueScope } from '../nn';
import { gather, loop, reshape, split } from '../ops';
import { bufferLayout, BUFFERS, carryBuffers } from './buffers';
import { buildLookupGraph, type LookupGraph } from './lookup-graph';
import { moveAverage, optimizerStep, type Updated, type UpdateRule } from './optimizer-step';
import { ParameterLayout } from './parameter-layout';
import { TableLayout } from './table-layout';
import { CarriedRows, rowOutputs, sortTables } from './table-rows';

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
  /**
   * Names of the tables that are trained row by row: unless given, those with more rows than a step makes lookups in
   * them. Programs that go on from each other's states must agree.
   */
  readonly tablesByRow?: ReadonlySet<string>;
}

export interface TrainingGraph {
  readonly graph: Graph;
  readonly layout: ParameterLayout;
  /** Of the state's `buffers`; null where the model keeps none. */
  readonly buffers: ParameterLayout | null;
  /** Of the tables that are trained row by row: of them the loop carries the rows that its steps touch. */
  readonly tables: readonly TableLayout[];
  /** What tells which rows those are; null where there are none. */
  readonly lookups: LookupGraph | null;
  readonly noise: Census['noise'];
  /** The largest sizes of dimensions that only a run knows, but for `steps`. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Names of the scalars of a step, in the order of the columns of the input `scalars`. */
  readonly scalars: readonly string[];
  /** Names of the state's flat tensors; inputs of the graph, and outputs with `next.` before. */
  readonly state: readonly string[];
}

/**
 * The whole training program as one graph: a Loop whose body is forward pass, gradients and update.
 *
 * Inputs: `steps` (int64, how many), every step input with a leading axis of steps, `scalars` [steps, ·],
 * `noise` [steps, ·] where the model draws, the state, and rows of tables (see `CarriedRows`). Outputs: `losses`
 * [steps], `gradientNorms` [steps], and state and rows after the last step.
 */
export function buildTrainingGraph<Name extends string>(recipe: TrainingRecipe<Name>): TrainingGraph {
  const names = Object.keys(recipe.inputs) as Name[];
  const census = censusOf(recipe);
  requireGradients(census.built, census.values);
  const { optimizer, averaging = 0 } = recipe;
  if (census.values.length === 0) throw new GraphError('a model without parameters has nothing to train');
  const { byRow, whole } = sortTables(census, recipe.tablesByRow);
  const layout = new ParameterLayout([...census.parameters, ...whole.map(({ spec }) => spec)]);
  const tables = byRow.map(
    ({ spec, idsPerStep }) => new TableLayout(spec, idsPerStep, { moments: optimizer.moments, averaging }),
  );
  const lookups = byRow.length > 0 ? buildLookupGraph(recipe, tables) : null;
  const scalars = [
    ...Object.keys(optimizer.scalars(1, 1)),
    'learningRate',
    ...(lookups && averaging ? ['step'] : []),
  ];
  const buffers = bufferLayout(census);
  const stateNames = [
    'parameters',
    ...optimizer.moments,
    ...(averaging ? ['average'] : []),
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
  const rowsOfSteps = new CarriedRows(graph, tables, lookups?.lookups ?? []);

  const { state, reports } = loop(
    graph.input('steps', 'int64', []),
    [...initial, ...rowsOfSteps.initial],
    ({ iteration, state: carried }) => {
      const current = (value: Value): Value => gather(value, iteration);
      const step = {
        inputs: recordOf(names, (name) => current(chunk[name])),
        scalars: recordOf(scalars, (name) => columnOf(current(scalarsOfSteps), scalars, name)),
      };
      const [parameters, ...rest] = carried as [Value, ...Value[]];
      const rows = rowsOfSteps.take(iteration, carried.slice(stateNames.length));
      const kept = carryBuffers(buffers, carried[stateNames.length - 1] ?? null);
      const flat = layout.split(parameters);
      const scope = valueScope(true, {
        parameters: flat,
        lookup: rows.lookupOr(flat),
        buffers: kept.values,
        updates: kept.updates,
        noise: noiseOfSteps ? splitNoise(current(noiseOfSteps), census.noise) : new Map<string, Value>(),
      });
      const loss = recipe.loss(scope, step.inputs);
      const [gradient, ...ofRows] = gradients(loss, [parameters, ...rows.parameters]) as [Value, ...Value[]];
      const moments = rest.slice(0, optimizer.moments.length);
      const decay = (factor: number): Value => decayMask(parameters, layout, factor);
      const { updated, norm } = optimizerStep(
        recipe,
        [{ parameters, gradient, moments, decay }, ...rows.trained(ofRows)],
        step.scalars,
      );
      const [next, ...nextOfRows] = updated as [Updated, ...Updated[]];
      const average = averaging
        ? [moveAverage(rest[moments.length] as Value, next.parameters, averaging)]
        : [];
      const nextBuffers = kept.next();
      const nextRows = rows.put(nextOfRows, { decay: averaging, step: step.scalars['step'] });
      return {
        state: [next.parameters, ...next.moments, ...average, ...nextBuffers, ...nextRows],
        reports: [loss, norm],
      };
    },
  );

  [...stateNames.map((name) => `next.${name}`), ...tables.flatMap(rowOutputs)].forEach((name, index) => {
    graph.output(name, state[index] as Value);
  });
  graph.output('losses', reports[0] as Value);
  graph.output('gradientNorms', reports[1] as Value);
  return {
    graph,
    layout,
    tables,
    lookups,
    buffers,
    noise: census.noise,
    sizes: rowsOfSteps.sizes,
    scalars,
    state: stateNames,
  };
}

/** The tables that are trained row by row where a recipe does not say which. */
export function tablesByRow<Name extends string>(recipe: TrainingRecipe<Name>): ReadonlySet<string> {
  return new Set(sortTables(censusOf(recipe)).byRow.map(({ spec }) => spec.name));
}

function censusOf<Name extends string>(recipe: TrainingRecipe<Name>): Census<Value> {
  return takeCensus(true, (scope, graph) =>
    recipe.loss(
      scope,
      recordOf(Object.keys(recipe.inputs) as Name[], (name) => declare(graph, name, recipe.inputs[name])),
    ),
  );
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
