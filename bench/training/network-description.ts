import { autoWidth } from '../../src/learning/architectures/embed-columns';
import { type ModelConfig } from '../../src/learning/architectures/model-config';
import { type InputShape } from '../../src/learning/features/encoded-examples';

type ConvRecurrent = Extract<ModelConfig, { architecture: 'conv-recurrent' }>;

/** A column of ids, each with a vector of its own. */
export interface EmbeddedColumn {
  readonly cardinality: number;
  readonly width: number;
}

/**
 * A network and its optimizer, complete and as plain JSON: what `peer.py` builds in PyTorch, and what it was built
 * from here. Inputs are those of `networkPorts`.
 */
export interface NetworkDescription {
  readonly numericWidth: number;
  readonly categories: readonly EmbeddedColumn[];
  readonly sequence?: {
    /** Steps. */
    readonly length: number;
    readonly numericWidth: number;
    readonly categories: readonly EmbeddedColumn[];
    /** Whether sequences are shorter than `length`; otherwise their lengths are not looked at. */
    readonly masked: boolean;
    readonly convolution: ConvRecurrent['convolution'];
    readonly recurrent: Pick<ConvRecurrent['recurrent'], 'cell' | 'units'>;
  };
  /** Widths of the hidden layers. */
  readonly dense: readonly number[];
  readonly dropout: number;
  /** Whether the joined features also enter the logit directly, through a linear term. */
  readonly wide: boolean;
  /** Networks trained side by side. */
  readonly members: number;
  readonly optimizer: {
    readonly learningRate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    /** Decoupled; of kernels alone. */
    readonly weightDecay: number;
    /** Largest norm of the gradient; null for any. */
    readonly clipNorm: number | null;
    /** Decay of the weights' moving average; 0 where none is kept. */
    readonly averaging: number;
  };
}

/**
 * Constant and small: a bench trains on a few batches again and again, and weights that fit them would end in
 * gradients too small for normal numbers, which processors are slow with.
 */
export const LEARNING_RATE = 1e-4;

/**
 * What `NetworkProgram` makes of a configuration, for data of a shape.
 *
 * @throws RangeError for what the peer does not build.
 */
export function describeNetwork(model: ModelConfig, shape: InputShape): NetworkDescription {
  if (model.architecture !== 'conv-recurrent' || model.recurrent.bidirectional)
    throw new RangeError('the peer builds conv-recurrent networks that read one way');
  const columns = (cardinalities: readonly number[]): EmbeddedColumn[] =>
    cardinalities.map((cardinality) => ({
      cardinality,
      width: model.embeddingDimension === 'auto' ? autoWidth(cardinality) : model.embeddingDimension,
    }));
  const { optimizer, loss } = model;
  if (shape.bags?.length || shape.sequence?.bags?.length)
    throw new RangeError('the peer builds no bags of categories');
  if (optimizer.name !== 'adamw' || loss.kind !== 'cross-entropy' || loss.labelSmoothing > 0)
    throw new RangeError('the peer trains with AdamW and plain cross-entropy');
  const { beta1, beta2, epsilon, clipNorm } = optimizer;
  return {
    numericWidth: shape.numericWidth,
    categories: columns(shape.cardinalities),
    ...(shape.sequence && {
      sequence: {
        length: shape.sequence.maxLength,
        numericWidth: shape.sequence.numericWidth,
        categories: columns(shape.sequence.cardinalities),
        masked: true,
        convolution: model.convolution,
        recurrent: model.recurrent,
      },
    }),
    dense: model.dense,
    dropout: model.dropout,
    wide: true,
    members: model.members,
    optimizer: {
      learningRate: LEARNING_RATE,
      beta1,
      beta2,
      epsilon,
      weightDecay: model.l2,
      clipNorm,
      averaging: model.averaging,
    },
  };
}
