import { Graph, tensorOf, type Tensor, type Value, writeModel } from '../../engine/onnx';
import {
  add,
  gather,
  identity,
  loop,
  matMul,
  mul,
  reshape,
  shapeOf,
  slice,
  sub,
  sum,
  unsqueeze,
} from '../../engine/ops';
import { pathIntegrals, valueScope } from '../../engine/nn';
import { foldConstants } from '../../engine/runtime';
import { networkLogits } from '../architectures/build-network';
import { type ModelConfig } from '../architectures/model-config';
import { type CategoryBlend, type NetworkInputs, type SequenceInputs } from '../architectures/network';
import { type ArtifactParts } from '../export/artifact';
import { preprocessing } from '../export/preprocessing';
import { inputShape } from '../features/feature-map';
import { type AverageColumns, type AverageExample } from './average-example';
import { type ColumnOwners, featureOwners, fieldOwners } from './column-owners';
import { OFFSET_INPUT } from './path-points';

/**
 * Outputs of an explainer, float32, all in units of the calibrated logit:
 * `logit` [N], the artifact's own up to rounding; `baseline` [N], that of the average example, the same for all;
 * `features` [N, A], what each feature adds, in the order of the specification, where there are some; and of histories
 * `events` [N, T, K], what each field of each event adds, 0 beyond the history's length, and `length` [N], what it adds
 * that there are so many.
 */
function outputsOf({ spec }: ExplainerParts['featureMap']): string[] {
  return [
    'logit',
    'baseline',
    ...(spec.features.length > 0 ? ['features'] : []),
    ...(spec.sequence ? ['events', 'length'] : []),
  ];
}

export interface ExplainerParts extends Pick<
  ArtifactParts,
  'featureMap' | 'model' | 'weights' | 'calibration'
> {
  readonly average: AverageExample;
  /** Equal steps of the path; in each the gradient is taken once. */
  readonly steps: number;
}

/** Behind the points of the path: the example itself, the average one, and that with the example's history's length. */
const ENDS = 3;

/**
 * Integrated gradients (Sundararajan et al. 2017) of a model as an ONNX file that takes the artifact's inputs: what each
 * feature and each field of each event adds to the logit, compared with the average example.
 *
 * The path has two parts. First the average history, all of whose events are the average one, becomes as long as the
 * example's; a length cannot be passed through by halves, so this is one difference. Then everything goes in a straight
 * line from the average to what the example is: encoded numbers, and the vectors of categories. The integral of the
 * gradient is its mean over equal steps, at one place in each, the input `offset` [N]: these points are the rows of one
 * batch. The curve has a bend wherever a ReLU changes sides, so that a rule of higher order gains nothing.
 *
 * An example at a time, in a loop: what a row's answers are does not depend on the rows beside it, to the bit.
 */
export async function buildExplainer(parts: ExplainerParts): Promise<Uint8Array> {
  const { featureMap, weights } = parts;
  const graph = new Graph();
  const inputs = preprocessing(graph, featureMap);
  const parameters = new Map(
    [...weights].map(([name, weight]) => [name, graph.initializer(name, weight)] as const),
  );
  const [first] = graph.inputs;
  if (!first) throw new RangeError('a model without features has nothing to explain');
  const count = gather(shapeOf(first), graph.scalar('int64', 0));
  const offset_N = graph.input(OFFSET_INPUT, 'float32', first.shape.slice(0, 1));
  const { reports } = loop(count, [], ({ iteration }) => {
    const row = reshape(iteration, [1]);
    const path = new Path(parts.steps, gather(offset_N, row));
    return { state: [], reports: explainRow({ ...parts, parameters, path }, rowOf(inputs, row)) };
  });
  outputsOf(featureMap).forEach((name, index) => {
    const report = reports[index];
    if (report) graph.output(name, report);
  });
  await foldConstants(graph);
  return writeModel(graph);
}

/** One example of all: N is 1. */
function rowOf({ numeric_NF, categorical_NC, sequence }: NetworkInputs, row: Value): NetworkInputs {
  const of = (value: Value | null): Value | null => value && gather(value, row);
  return {
    numeric_NF: of(numeric_NF),
    categorical_NC: of(categorical_NC),
    sequence: sequence && {
      numeric_NTS: of(sequence.numeric_NTS),
      categorical_NTK: of(sequence.categorical_NTK),
      lengths_N: gather(sequence.lengths_N, row),
    },
  };
}

/** @returns in the order of the outputs, each without N */
function explainRow(
  {
    featureMap,
    model,
    calibration,
    average,
    steps,
    parameters,
    path,
  }: ExplainerParts & { readonly parameters: ReadonlyMap<string, Value>; readonly path: Path },
  example: NetworkInputs,
): Value[] {
  const shape = inputShape(featureMap);
  const { sequence } = example;
  const raw_B = networkLogits(
    valueScope(true, { parameters }),
    {
      numeric_NF: example.numeric_NF && path.numbers('example', example.numeric_NF, average.numbers),
      categorical_NC: example.categorical_NC,
      sequence: sequence && average.events && path.history(sequence, average.events),
      blend: path.blend('example', average),
    },
    { model: undropped(model), shape },
  );
  const logit_B = add(mul(raw_B, calibration.scale), calibration.shift);
  const places = path.attributed(logit_B);
  const at = (row: number): Value => reshape(slice(logit_B, { axis: 0, start: row, end: row + 1 }), []);
  const [logit, baseline, extended] = [at(steps), at(steps + 1), at(steps + 2)];
  const ends = [identity(logit), identity(baseline)];
  if (featureMap.spec.features.length > 0)
    ends.push(path.summed(places, 'example', { owners: featureOwners(featureMap), leading: [] }));
  if (!sequence) return ends;
  const leading = [shape.sequence?.maxLength ?? 0];
  const ofEvents = path.summed(places, 'event', { owners: fieldOwners(featureMap), leading });
  return [...ends, ofEvents, sub(extended, baseline)];
}

/** Nothing is dropped out of what is explained. */
function undropped(model: ModelConfig): ModelConfig {
  return model.architecture === 'linear' ? model : { ...model, dropout: 0 };
}

type Place = 'example' | 'event';

/** Something that goes from its average to what it is, and which columns its numbers are of. */
interface Moved {
  readonly place: Place;
  /** [B, E], or [B, T, E] or [T, B, E] of events. */
  readonly points: Value;
  /** Without B. */
  readonly difference: Value;
  /** Of points. */
  readonly batchAxis: number;
  readonly columns: readonly number[];
  readonly kind: 'numbers' | 'ids';
}

/** The rows of the batch: points of the path, then its ends. */
class Path {
  private readonly moved: Moved[] = [];
  /** How far each row is from the average to what the example is: [B]. */
  private readonly shares_B: Value;

  /** @param offset_1 where in each step */
  constructor(
    private readonly steps: number,
    offset_1: Value,
  ) {
    const constant = (ofPoints: (step: number) => number, ends: readonly number[]): Value =>
      offset_1.graph.constant(
        tensorOf(
          'float32',
          [this.rows],
          [...Array.from({ length: steps }, (_, step) => ofPoints(step)), ...ends],
        ),
      );
    const begins_B = constant((step) => step / steps, [1, 0, 0]);
    const widths_B = constant(() => 1 / steps, [0, 0, 0]);
    this.shares_B = add(begins_B, mul(offset_1, widths_B));
  }

  get rows(): number {
    return this.steps + ENDS;
  }

  /** [1, …, E] → [B, …, E]. */
  numbers(place: Place, values: Value, average: Float32Array): Value {
    return this.move({ place, kind: 'numbers', batchAxis: 0, columns: [...average.keys()] }, values, {
      average: vectorOf(values, average),
    });
  }

  history(sequence: SequenceInputs, average: NonNullable<AverageExample['events']>): SequenceInputs {
    return {
      numeric_NTS: sequence.numeric_NTS && this.numbers('event', sequence.numeric_NTS, average.numbers),
      categorical_NTK: sequence.categorical_NTK,
      lengths_N: this.lengths(sequence.lengths_N, average.length),
      blend: this.blend('event', average),
    };
  }

  /** Of an example's own categories, vectors [1, E]; of its events', [T, 1, E]. */
  blend(place: Place, { shares }: AverageColumns): CategoryBlend {
    return {
      shares,
      mix: (vectors, average, columns) =>
        this.move({ place, kind: 'ids', batchAxis: vectors.rank - 2, columns }, vectors, { average }),
    };
  }

  /** The example's in all rows but the one that is the average example. */
  private lengths(length_1: Value, average: number): Value {
    const isAverage = Array.from({ length: this.rows }, (_, row) => row === this.rows - 2);
    const constant = (of: (isIt: boolean) => number): Value =>
      length_1.graph.constant(tensorOf('int32', [this.rows], isAverage.map(of)));
    return add(
      mul(
        length_1,
        constant((isIt) => (isIt ? 0 : 1)),
      ),
      constant((isIt) => (isIt ? average : 0)),
    );
  }

  private move(
    moved: Omit<Moved, 'points' | 'difference'>,
    values: Value,
    { average }: { average: Value },
  ): Value {
    const { batchAxis } = moved;
    const difference = sub(values, average);
    const dims = values.shape.map((_, axis) => (axis === batchAxis ? this.rows : 1));
    const points = add(average, mul(difference, reshape(this.shares_B, dims)));
    this.moved.push({ ...moved, points, difference: reshape(difference, without(difference, batchAxis)) });
    return points;
  }

  /** What each number of everything that was moved adds to the logits [B], integrated along the path. */
  attributed(logit_B: Value): Attributed[] {
    const integrals = pathIntegrals(
      logit_B,
      [...Array<number>(this.steps).fill(1 / this.steps), 0, 0, 0],
      this.moved.map(({ points, batchAxis }) => ({ values: points, batchAxis })),
    );
    return this.moved.map(({ difference, ...moved }, index) => ({
      ...moved,
      values: mul(integrals[index] as Value, difference),
    }));
  }

  /** Of one place, by owner: [A] or [T, K]. */
  summed(
    attributed: readonly Attributed[],
    place: Place,
    { owners, leading }: { owners: ColumnOwners; leading: readonly number[] },
  ): Value {
    const width = owners.names.length;
    const terms = attributed
      .filter((one) => one.place === place)
      .map(({ values, columns, kind }) => {
        const ownerOf = kind === 'numbers' ? owners.ofNumbers : owners.ofIds;
        const toOwner = incidence(
          columns.map((column) => ownerOf[column] ?? -1),
          width,
        );
        const rows = leading.length === 0 ? unsqueeze(values, [0]) : values;
        return matMul(rows, values.graph.constant(toOwner));
      });
    const [any] = terms;
    if (!any) throw new RangeError(`nothing of the ${place} is explained`);
    return reshape(sum(terms), [...leading, width]);
  }
}

interface Attributed extends Pick<Moved, 'place' | 'columns' | 'kind'> {
  /** [E] or [T, E]. */
  readonly values: Value;
}

/** [columns, owners]: 1 where a column is an owner's. */
function incidence(ownerOf: readonly number[], owners: number): Tensor<'float32'> {
  const data = new Float32Array(ownerOf.length * owners);
  ownerOf.forEach((owner, column) => {
    if (owner < 0) throw new RangeError(`column ${column} is no feature's`);
    data[column * owners + owner] = 1;
  });
  return { dtype: 'float32', shape: [ownerOf.length, owners], data };
}

function without({ shape }: Value, axis: number): number[] {
  return shape.filter((_, at) => at !== axis).map(Number);
}

function vectorOf({ graph }: Value, data: Float32Array): Value {
  return graph.constant({ dtype: 'float32', shape: [data.length], data });
}
