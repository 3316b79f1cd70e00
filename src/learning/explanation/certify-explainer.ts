import { type Tensor } from '../../engine/onnx';
import { Session } from '../../engine/runtime';
import { artifactInputs } from '../export/artifact-inputs';
import { certifiedDifference, sha256 } from '../export/certificate';
import { type FeatureSpec } from '../features/feature-spec';
import { type PreparedPart } from '../preparation/prepared-examples';
import { averageExample } from './average-example';
import { buildExplainer, type ExplainerParts } from './explainer';
import { type Explanation, explanationsOf, type ExplainerCertificate } from './explanations';
import { MIDDLE, offsetInput } from './path-points';

/** In units of the logit: half a percentage point of probability at most. */
export const EXPLANATION_TOLERANCE = 0.02;
/** Steps that are tried, one after another: most models need few. */
const STEPS = [16, 32, 64, 128];
const MOST_STEPS = 256;
/** Of each held-out part. */
const COMPARED = 64;
const BLOCK = 16;

export interface CertifiedExplainer {
  /** ONNX file with the artifact's inputs; null when its answers do not add up within the tolerance. */
  readonly bytes: Uint8Array | null;
  readonly certificate: ExplainerCertificate;
}

/** A held-out part, with what the artifact answers on it. */
export interface Answered {
  readonly part: PreparedPart;
  readonly probabilities_N: Float32Array;
}

export interface CertifyOptions extends Omit<ExplainerParts, 'average' | 'steps'> {
  readonly train: PreparedPart;
  readonly heldOut: readonly Answered[];
  readonly threads: number;
  readonly signal: AbortSignal;
}

/**
 * The explainer with the fewest steps whose contributions add up to the logit's distance from the average example's, on
 * held-out examples: within {@link EXPLANATION_TOLERANCE} on each of them. When no number of steps reaches that, the
 * certificate says so.
 *
 * @throws AppError TRAINING_FAILED when its probabilities are not the artifact's
 */
export async function certifyExplainer(options: CertifyOptions): Promise<CertifiedExplainer> {
  const { train, signal, featureMap } = options;
  const average = await averageExample(train, signal);
  for (const steps of [...STEPS, MOST_STEPS]) {
    signal.throwIfAborted();
    const bytes = await buildExplainer({ ...options, average, steps });
    const found = await compare(bytes, options);
    const isExact = found.maxError <= EXPLANATION_TOLERANCE;
    if (!isExact && steps < MOST_STEPS) continue;
    const certificate = {
      sha256: sha256(bytes),
      steps,
      rule: 'MIDPOINT' as const,
      baselineLength: featureMap.sequence ? (average.events?.length ?? 0) : null,
      tolerance: EXPLANATION_TOLERANCE,
      ...found,
    };
    return { bytes: isExact ? bytes : null, certificate };
  }
  throw new RangeError('no explainer was tried');
}

type Comparison = Pick<
  ExplainerCertificate,
  'baselineLogit' | 'comparedExamples' | 'maxError' | 'maxProbabilityDifference'
>;

async function compare(
  bytes: Uint8Array,
  { featureMap, heldOut, threads, signal }: CertifyOptions,
): Promise<Comparison> {
  const session = await Session.create(bytes, { threads });
  let found: Comparison = {
    baselineLogit: 0,
    comparedExamples: 0,
    maxError: 0,
    maxProbabilityDifference: 0,
  };
  for (const { part, probabilities_N } of heldOut) {
    const rows = evenly(part.count);
    for (let from = 0; from < rows.length && found.maxError <= EXPLANATION_TOLERANCE; from += BLOCK) {
      signal.throwIfAborted();
      const block = rows.slice(from, from + BLOCK);
      const explained = await explainPart(session, featureMap.spec, part, block);
      const ofArtifact = Float32Array.from(block, (row) => probabilities_N[row] ?? NaN);
      const ofExplainer = Float32Array.from(explained, ({ logit }) => 1 / (1 + Math.exp(-logit)));
      found = {
        baselineLogit: explained[0]?.baseline ?? 0,
        comparedExamples: found.comparedExamples + block.length,
        maxError: Math.max(found.maxError, ...explained.map(({ error }) => Math.abs(error))),
        maxProbabilityDifference: Math.max(
          found.maxProbabilityDifference,
          certifiedDifference(ofExplainer, ofArtifact),
        ),
      };
    }
  }
  await session.close();
  return found;
}

/** Explains some examples of a part, from their raw features. */
export async function explainPart(
  session: Session,
  spec: FeatureSpec,
  part: Pick<PreparedPart, 'readRaw'>,
  rows: Int32Array,
): Promise<Explanation[]> {
  const raw = await part.readRaw(rows);
  const inputs = { ...artifactInputs(spec, raw), ...offsetInput(Array.from(rows, () => MIDDLE)) };
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { type, dims, data }]) => [
      name,
      { dtype: type, shape: dims, data } as Tensor,
    ]),
  );
  const results = await session.run(feeds);
  const answers = Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [
      name,
      data instanceof Float32Array ? data : undefined,
    ]),
  );
  return explanationsOf(answers, rows.length);
}

function evenly(count: number): Int32Array {
  const length = Math.min(count, COMPARED);
  return Int32Array.from({ length }, (_, index) => Math.floor((index * count) / length));
}
