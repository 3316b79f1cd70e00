import {
  adam,
  binaryCrossEntropy,
  conv1d,
  dense,
  embedding,
  kaimingUniform,
  Random,
  recurrent,
  type Scope,
} from '../../src/engine/nn';
import { sizeOf, tensorOf, type Value } from '../../src/engine/onnx';
import { concat, reduceMean, relu, reshape, transpose } from '../../src/engine/ops';
import { TrainingProgram } from '../../src/engine/training';
import { networkPorts } from '../../src/learning/architectures/network';
import { type InputShape } from '../../src/learning/features/encoded-examples';
import { type LabelledExamples } from '../../src/learning/training/trainable';
import { LEARNING_RATE, type NetworkDescription } from './network-description';
import { type CompileOptions, type Trainer, type Workload } from './workload';

/** How ids are drawn: `zipf` as words and products come, the k-th most frequent one with a share ∝ 1/k. */
export type IdDistribution = 'uniform' | 'zipf';

export interface ReferenceOptions {
  /** Steps of every sequence. */
  readonly sequenceLength?: number;
  /** Units of the LSTM. */
  readonly hidden?: number;
  /** Rows of the embedding. */
  readonly vocabulary?: number;
  readonly ids?: IdDistribution;
}

const EMBEDDING_WIDTH = 32;
const STATIC_FEATURES = 32;

/**
 * The model that runtimes are compared on: embedding → convolution over time (64 filters, 3 steps) → ReLU → LSTM →
 * its last state beside 32 static features → dense (64, ReLU) → logit. Sequences have full length; plain Adam.
 */
export function referenceWorkload(options: ReferenceOptions = {}): Workload {
  const { sequenceLength = 32, hidden = 64, vocabulary = 5000, ids = 'uniform' } = options;
  const description: NetworkDescription = {
    numericWidth: STATIC_FEATURES,
    categories: [],
    sequence: {
      length: sequenceLength,
      numericWidth: 0,
      categories: [{ cardinality: vocabulary, width: EMBEDDING_WIDTH }],
      masked: false,
      convolution: { filters: 64, kernelSize: 3, dilation: 1 },
      recurrent: { cell: 'LSTM', units: hidden },
    },
    dense: [64],
    dropout: 0,
    wide: false,
    members: 1,
    optimizer: {
      learningRate: LEARNING_RATE,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0,
      clipNorm: null,
      averaging: 0,
    },
  };
  const shape: InputShape = {
    numericWidth: STATIC_FEATURES,
    cardinalities: [],
    sequence: { maxLength: sequenceLength, numericWidth: 0, cardinalities: [vocabulary] },
  };
  return {
    name: 'reference',
    shape,
    description,
    examples: (count) => Promise.resolve(drawExamples(count, { sequenceLength, vocabulary, ids })),
    compile: (compileOptions) => compile(description, shape, compileOptions),
  };
}

async function compile(
  description: NetworkDescription,
  shape: InputShape,
  { batch, threads, device = 'cpu', profileTo }: CompileOptions,
): Promise<Trainer> {
  const ports = networkPorts(shape).filter(({ name }) => name !== 'lengths');
  const program = await TrainingProgram.compile<string>(
    {
      inputs: {
        ...Object.fromEntries(
          ports.map(({ name, dtype, shape: tail }) => [name, { dtype, shape: [batch, ...tail] }]),
        ),
        labels: { dtype: 'float32', shape: [batch] },
      },
      loss: (scope, { labels, ...inputs }) =>
        reduceMean(binaryCrossEntropy(logits(scope, inputs, description), labels as Value), [0]),
      optimizer: adam(description.optimizer),
    },
    { device, threads, seed: 1, ...(profileTo && { profileTo }) },
  );
  let state = program.initialState(1);
  return {
    parameters: program.parameters.reduce((total, spec) => total + sizeOf(spec.shape), 0),
    async train({ examples, steps, learningRates }) {
      const inputs: Record<string, Float32Array | Int32Array> = { labels: examples.labels_N };
      for (const port of ports) inputs[port.name] = port.read(examples);
      const result = await program.run(state, { steps, inputs, learningRates });
      state = result.state;
      return result.losses;
    },
    async close() {
      if (profileTo) program.endProfiling();
      await program.close();
    },
  };
}

/** [N]. */
function logits(
  scope: Scope,
  inputs: Readonly<Record<string, Value>>,
  { sequence, dense: widths }: NetworkDescription,
): Value {
  const { numeric, sequenceCategorical } = inputs;
  const column = sequence?.categories[0];
  if (!numeric || !sequenceCategorical || !sequence || !column)
    throw new TypeError('the reference model reads numbers and a sequence of ids');
  const [batch, steps] = [sequenceCategorical.size(0), sequence.length];
  const ids_TN = transpose(reshape(sequenceCategorical, [batch, steps]), [1, 0]);
  const x_TNE = embedding(scope.in('events'), ids_TN, { count: column.cardinality, width: column.width });
  const { filters, kernelSize: width } = sequence.convolution;
  const local_TNF = relu(conv1d(scope.in('convolution'), x_TNE, { filters, width }));
  const full_N = numeric.graph.constant(tensorOf('int32', [batch], Array<number>(batch).fill(steps)));
  const { last } = recurrent(scope.in('recurrent'), local_TNF, full_N, {
    cell: 'lstm',
    units: sequence.recurrent.units,
  });
  let hidden = concat([numeric, last], 1);
  widths.forEach((units, index) => {
    hidden = relu(dense(scope.in(`dense${index + 1}`), hidden, { units, initializer: kaimingUniform }));
  });
  return reshape(dense(scope.in('logit'), hidden, { units: 1 }), [-1]);
}

function drawExamples(
  count: number,
  options: { sequenceLength: number; vocabulary: number; ids: IdDistribution },
): LabelledExamples {
  const { sequenceLength, vocabulary, ids } = options;
  const random = new Random(7);
  const id =
    ids === 'uniform'
      ? () => random.below(vocabulary)
      : () => Math.floor((vocabulary + 1) ** random.uniform()) - 1;
  return {
    count,
    numeric_NF: Float32Array.from({ length: count * STATIC_FEATURES }, () => 2 * random.uniform() - 1),
    categorical_NC: new Int32Array(0),
    sequence: {
      numeric_NTS: new Float32Array(0),
      categorical_NTK: Int32Array.from({ length: count * sequenceLength }, id),
      lengths_N: new Int32Array(count).fill(sequenceLength),
    },
    labels_N: Float32Array.from({ length: count }, () => random.below(2)),
  };
}
