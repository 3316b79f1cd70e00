import { explanationsOf, type ExplainerCertificate } from '../../learning/explanation/explanations';
import { type RawExamples } from '../../learning/features/raw-examples';
import { type ExampleRecord } from '../../learning/features/raw-from-records';
import { type InferencePool } from './pool/inference-pool';
import { type ArtifactInputs } from './pool/tensors';
import { type Reasons, reasonsOf } from './reasons';
import { type Servable } from './servable';

export const NO_REASONS = ['TRAINED_BEFORE', 'INEXACT'] as const;

/** Why a model version cannot give reasons. */
export interface NoReasons {
  /** `TRAINED_BEFORE` there were explainers; `INEXACT`: what it would say does not add up. */
  readonly why: (typeof NO_REASONS)[number];
  readonly message: string;
}

/** Examples as a version was asked about them. */
export interface AskedExamples {
  readonly servable: Servable;
  readonly records: readonly ExampleRecord[];
  readonly raw: RawExamples;
  readonly inputs: ArtifactInputs;
}

/**
 * The reasons of examples that are scored. Nothing is computed before somebody asks for one of them; then all are, once.
 *
 * @returns gives those of an example, by its place; throws AppError UNAVAILABLE when the threads do not answer in time
 */
export function explainExamples(
  pool: Pick<InferencePool, 'run'>,
  asked: AskedExamples,
): (row: number) => Promise<Reasons | NoReasons> {
  const { servable, records, raw, inputs } = asked;
  const { explainer } = servable;
  const refusal = noReasons(explainer?.certificate ?? null, servable);
  if (!explainer || refusal) {
    const answer = Promise.resolve(refusal ?? trainedBefore(servable));
    return () => answer;
  }
  let all: Promise<Reasons[]> | null = null;
  const run = async (): Promise<Reasons[]> => {
    const explanations = explanationsOf(await pool.run(explainer.key, inputs), records.length);
    return explanations.map((explanation, row) =>
      reasonsOf(explanation, {
        spec: servable.spec,
        raw,
        record: records[row] ?? { features: {} },
        row,
        usualLength: explainer.certificate.baselineLength,
      }),
    );
  };
  return async (row) => {
    const reasons = (await (all ??= run()))[row];
    if (!reasons) throw new RangeError(`example ${row} was not asked about`);
    return reasons;
  };
}

/** Null when the explainer may be used. */
function noReasons(certificate: ExplainerCertificate | null, servable: Servable): NoReasons | null {
  if (!certificate) return trainedBefore(servable);
  const { maxError, tolerance } = certificate;
  if (maxError <= tolerance) return null;
  return {
    why: 'INEXACT',
    message:
      `What the features of version ${servable.version.number} contribute does not add up to its logits: ` +
      `${maxError.toPrecision(2)} were missed where ${tolerance} are allowed. Smaller weights help: a stronger l2.`,
  };
}

function trainedBefore({ version }: Servable): NoReasons {
  return {
    why: 'TRAINED_BEFORE',
    message: `Version ${version.number} was trained before models could explain themselves: train the model again.`,
  };
}
