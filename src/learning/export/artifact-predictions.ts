import { type Tensor } from '../../engine/onnx';
import { Session } from '../../engine/runtime';
import { type FeatureSpec } from '../features/feature-spec';
import { type RawExamples } from '../features/raw-examples';
import { type PreparedPart } from '../preparation/prepared-examples';
import { PROBABILITY_OUTPUT } from './artifact';
import { artifactInputs, type ArtifactTensor } from './artifact-inputs';

/** Examples per run: bounds the memory that raw text takes. */
const BLOCK = 1024;

/** An artifact that was loaded as any client would load it, answering for whole parts of the data. */
export class LoadedArtifact {
  private constructor(
    private readonly session: Session,
    private readonly spec: FeatureSpec,
  ) {}

  static async load(artifact: Uint8Array, spec: FeatureSpec, threads: number): Promise<LoadedArtifact> {
    return new LoadedArtifact(await Session.create(artifact, { threads }), spec);
  }

  /**
   * Probabilities of a part, from its raw features, in its order: [N].
   * @param onRaw told of the raw features of each block, the first of them being that number of the part
   */
  async predict(
    part: PreparedPart,
    signal: AbortSignal,
    onRaw?: (raw: RawExamples, first: number) => void,
  ): Promise<Float32Array> {
    const probabilities_N = new Float32Array(part.count);
    for (let from = 0; from < part.count; from += BLOCK) {
      signal.throwIfAborted();
      const length = Math.min(BLOCK, part.count - from);
      const raw = await part.readRaw(Int32Array.from({ length }, (_, index) => from + index));
      onRaw?.(raw, from);
      const feeds = Object.fromEntries(
        Object.entries(artifactInputs(this.spec, raw)).map(([name, input]) => [name, tensorOf(input)]),
      );
      const { [PROBABILITY_OUTPUT]: probability } = await this.session.run(feeds, [PROBABILITY_OUTPUT]);
      if (probability?.dtype !== 'float32') throw new TypeError('the artifact answers no probability');
      probabilities_N.set(probability.data, from);
    }
    return probabilities_N;
  }

  async close(): Promise<void> {
    await this.session.close();
  }
}

function tensorOf({ type, dims, data }: ArtifactTensor): Tensor {
  return { dtype: type, shape: dims, data } as Tensor;
}
